import { createHash } from "node:crypto";
import { uuidOf } from "../../kernel/ids.ts";

/**
 * Returns the topic of a user's posts, which the user and the user's followers may see. It is derived
 * from the user's id, so it needs no read, and differs from that id, which is the user's private topic. A
 * UUID of version 8 (RFC 9562, section 5.8) from SHA-256.
 */
export function feedTopicOf(userId: string): string {
  const bytes = createHash("sha256").update(`feed:${userId}`).digest().subarray(0, 16);
  bytes[6] = 0x80 | (bytes.readUInt8(6) & 0x0f);
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  // Flattens the string, which stays in memory while the user is connected; a concatenation would keep
  // its nine parts.
  return Buffer.from(uuidOf(bytes), "latin1").toString("latin1");
}
