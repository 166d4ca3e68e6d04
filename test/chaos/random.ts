import { createHash } from "node:crypto";
import { makeRandom, type Random } from "../unit/random.ts";

export type { Random } from "../unit/random.ts";

/** Returns the random source of one part of a run, which depends only on the seed and the part's name. */
export function randomFor(seed: number, part: string): Random {
  const hash = createHash("sha256").update(`${seed} ${part}`).digest();
  return makeRandom(hash.readUInt32LE(0));
}

/** Returns an integer between two bounds, inclusive. */
export function between(random: Random, low: number, high: number): number {
  return low + random.below(high - low + 1);
}

/** Returns a UUID from a random source, for client ids. */
export function uuidFrom(random: Random): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => random.below(256)));
  bytes[6] = 0x40 | (bytes.readUInt8(6) & 0x0f);
  return formatted(bytes);
}

/** Returns a UUID of version 7, which starts with the time of a clock. */
export function timedUuidFrom(random: Random, clock: number): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => random.below(256)));
  bytes.writeUIntBE(Math.max(0, clock), 0, 6);
  bytes[6] = 0x70 | (bytes.readUInt8(6) & 0x0f);
  return formatted(bytes);
}

function formatted(bytes: Buffer): string {
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  const hex = bytes.toString("hex");
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
}
