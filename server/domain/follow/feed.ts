import { createHash } from "node:crypto";
import { uuidOf } from "../../kernel/ids.ts";

/**
 * The topic of what a person publishes: they and who follows them may see it. It is made from the
 * person's id, so that nothing has to be read to know it, and differs from that id, whose topic is the
 * person's alone. A UUID of version 8 (RFC 9562, section 5.8) from SHA-256.
 */
export function feedTopicOf(userId: string): string {
  const bytes = createHash("sha256").update(`feed:${userId}`).digest().subarray(0, 16);
  bytes[6] = 0x80 | (bytes.readUInt8(6) & 0x0f);
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  // Kept for as long as the person is connected: as one string, not as the nine that it is made of.
  return Buffer.from(uuidOf(bytes), "latin1").toString("latin1");
}
