import { randomFillSync } from "node:crypto";

/** The topic of events that every logged-in user may see. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `value` is a UUID of any version in its canonical form. */
export function isUuid(value: string): boolean {
  return UUID_PATTERN.test(value);
}

/**
 * Random bytes for the next ids: one request to the operating system for many bytes costs as much as for
 * few.
 */
const pool = Buffer.alloc(4_096);
let taken = pool.length;

/** Fills `target` with random bytes that are used only once. */
function takeRandom(target: Buffer): void {
  if (taken + target.length > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  pool.copy(target, 0, taken, taken + target.length);
  taken += target.length;
}

/**
 * Creates a UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.
 * Rows created in sequence are therefore adjacent in an index.
 */
export function newId(now: number = Date.now()): string {
  const bytes = Buffer.allocUnsafe(16);
  takeRandom(bytes);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | (bytes.readUInt8(6) & 0x0f);
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  return uuidOf(bytes);
}

/** Formats 16 bytes as a UUID in its canonical form. */
export function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
