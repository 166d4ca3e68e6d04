import { hash, verify } from "@node-rs/argon2";
import { makeCommonPasswords } from "./common-passwords.ts";
import { makeGate } from "./gate.ts";

/**
 * argon2id with 3 passes takes about 80 ms of one core with 64 MiB. The minimum of 19 MiB is still above
 * the first recommendation of OWASP's Password Storage Cheat Sheet (19 MiB, 2 passes).
 */
const ARGON2ID = 2;
const PASSES = 3;
const KIB_PER_MIB = 1_024;
const RETRY_AFTER_MS = 2_000;

export interface Passwords {
  /** @throws OverloadedError if too many hashes wait */
  hash(password: string): Promise<string>;
  /**
   * Whether the password matches the hash. With null, it takes the same time and returns false, so that
   * response times do not reveal whether a name exists.
   *
   * @throws OverloadedError if too many hashes wait
   */
  verify(storedHash: string | null, password: string): Promise<boolean>;
  /** Whether the password is so common that attackers try it first. */
  isCommon(password: string): Promise<boolean>;
}

export interface PasswordSettings {
  /** Maximum number of parallel hashes; each takes a core and its memory. */
  concurrency: number;
  /** Maximum number of waiting hashes. */
  queueLimit: number;
  /** Memory of one hash, in MiB. */
  memoryMiB: number;
  /** Minimum length of a password, in characters. */
  shortest: number;
}

/** Hashes on the thread pool, a bounded number in parallel. */
export function makePasswords(settings: PasswordSettings): Passwords {
  const { concurrency, queueLimit, memoryMiB, shortest } = settings;
  const bounded = makeGate({ concurrency, queueLimit, retryAfterMs: RETRY_AFTER_MS });
  const memoryCost = memoryMiB * KIB_PER_MIB;
  const cost = { algorithm: ARGON2ID, memoryCost, timeCost: PASSES, parallelism: 1 };
  const decoy = hash("no account has this password", cost);

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
