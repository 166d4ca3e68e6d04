import { hash, verify } from "@node-rs/argon2";
import { makeCommonPasswords } from "./common-passwords.ts";
import { makeGate } from "./gate.ts";

/**
 * argon2id with 3 passes: with 64 MiB some 80 ms of one core, and with the 19 MiB that are the least
 * still above the first recommendation of OWASP's Password Storage Cheat Sheet (19 MiB, 2 passes).
 */
const ARGON2ID = 2;
const PASSES = 3;
const KIB_PER_MIB = 1_024;
const RETRY_AFTER_MS = 2_000;

export interface Passwords {
  /** @throws OverloadedError when too many wait already */
  hash(password: string): Promise<string>;
  /**
   * Whether the password made the hash. With null it takes as long and answers false, so that an
   * unknown name cannot be told from a wrong password by the time it takes.
   *
   * @throws OverloadedError when too many wait already
   */
  verify(storedHash: string | null, password: string): Promise<boolean>;
  /** Whether so many people have it that it is among the first to be tried. */
  isCommon(password: string): Promise<boolean>;
}

export interface PasswordSettings {
  /** Hashes at once; each takes a core and its memory. */
  concurrency: number;
  /** How many more may wait. */
  queueLimit: number;
  /** Memory of one hash, in MiB. */
  memoryMiB: number;
  /** Length that a password has at least, in characters. */
  shortest: number;
}

/** Hashes on the thread pool, a bounded number at once. */
export function makePasswords(settings: PasswordSettings): Passwords {
  const { concurrency, queueLimit, memoryMiB, shortest } = settings;
  const bounded = makeGate({ concurrency, queueLimit, retryAfterMs: RETRY_AFTER_MS });
  const memoryCost = memoryMiB * KIB_PER_MIB;
  const cost = { algorithm: ARGON2ID, memoryCost, timeCost: PASSES, parallelism: 1 };
  const decoy = hash("nobody has this password", cost);

  return {
    hash: (password) => bounded(() => hash(password, cost)),
    verify: (storedHash, password) =>
      bounded(async () => {
        const matches = await verify(storedHash ?? (await decoy), password);
        return storedHash !== null && matches;
      }),
    isCommon: makeCommonPasswords(shortest),
  };
}
