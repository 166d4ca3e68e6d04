import { createHash } from "node:crypto";

/**
 * The topic of what a person publishes: they and who follows them may see it. It is made from the
 * person's id, so that nothing has to be read to know it, and differs from that id, whose topic is the
 * person's alone. A UUID of version 8 (RFC 9562, section 5.8) from SHA-256.
 */
export function feedTopicOf(userId: string): string {
  const bytes = createHash("sha256").update(`feed:${userId}`).digest().subarray(0, 16);
  bytes[6] = 0x80 | (bytes.readUInt8(6) & 0x0f);
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
