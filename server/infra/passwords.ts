import { hash, verify } from "@node-rs/argon2";
import { makeGate } from "./gate.ts";

/**
 * argon2id with 64 MiB and 3 passes: above the first recommendation of OWASP's Password Storage
 * Cheat Sheet (19 MiB, 2 passes), some 80 ms of one core.
 */
const ARGON2ID = 2;
const COST = { algorithm: ARGON2ID, memoryCost: 65_536, timeCost: 3, parallelism: 1 };
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
}

/**
 * Hashes on the thread pool, a bounded number at once.
 *
 * @param concurrency hashes at once; each takes a core and 64 MiB
 * @param queueLimit  how many more may wait
 */
export function makePasswords(concurrency: number, queueLimit: number): Passwords {
  const bounded = makeGate(concurrency, queueLimit, RETRY_AFTER_MS);
  const decoy = hash("nobody has this password", COST);

  return {
    hash: (password) => bounded(() => hash(password, COST)),
    verify: (storedHash, password) =>
      bounded(async () => {
        const matches = await verify(storedHash ?? (await decoy), password);
        return storedHash !== null && matches;
      }),
  };
}
