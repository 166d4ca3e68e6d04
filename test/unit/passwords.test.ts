import { describe, expect, test } from "vitest";
import { makePasswords, type Passwords } from "../../server/infra/passwords.ts";
import { OverloadedError } from "../../server/kernel/errors.ts";

const PASSWORD = "correct horse battery staple";

const passwordsOf = (concurrency: number, queueLimit: number): Passwords =>
  makePasswords({ concurrency, queueLimit, memoryMiB: 64, shortest: 8 });

describe("passwords", () => {
  test("are hashed with argon2id at or above OWASP's parameters, each with a random salt", async () => {
    const passwords = passwordsOf(2, 10);
    const [first, second] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)]);
    const [, memory, passes, lanes] =
      /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(first) ?? [];
    expect(Number(memory)).toBeGreaterThanOrEqual(19_456);
    expect(Number(passes)).toBeGreaterThanOrEqual(2);
    expect(lanes).toBe("1");
    expect(first).not.toBe(second);
    expect(first).not.toContain(PASSWORD);
  });

  test("are compared byte by byte", async () => {
    const passwords = passwordsOf(2, 10);
    const hash = await passwords.hash(PASSWORD);
    expect(await passwords.verify(hash, PASSWORD)).toBe(true);
    expect(await passwords.verify(hash, `${PASSWORD} `)).toBe(false);
    expect(await passwords.verify(hash, PASSWORD.toUpperCase())).toBe(false);
  });

  test("without an account are wrong, and take no less time", async () => {
    const passwords = passwordsOf(1, 10);
    const hash = await passwords.hash(PASSWORD);
    const fastest = async (stored: string | null): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < 5; i += 1) {
        const start = performance.now();
        expect(await passwords.verify(stored, "something else")).toBe(false);
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    // The first verification also creates the decoy's hash, which the measurement excludes.
    await passwords.verify(null, PASSWORD);
    expect(await fastest(null)).toBeGreaterThan((await fastest(hash)) / 2);
  });

  test("without an account never match, not even with the decoy's own text", async () => {
    expect(await passwordsOf(1, 1).verify(null, "no account has this password")).toBe(false);
  });

  test("beyond the limits of running and waiting hashes are rejected immediately; all others are hashed", async () => {
    const passwords = passwordsOf(1, 2);
    let decided = 0;
    const attempts = Array.from({ length: 8 }, () =>
      passwords.hash(PASSWORD).finally(() => (decided += 1)),
    );
    const results = await Promise.allSettled(attempts);
    expect(decided).toBe(8);
    const [served, refused] = (["fulfilled", "rejected"] as const).map(
      (status) => results.filter((result) => result.status === status).length,
    );
    expect({ served, refused }).toEqual({ served: 3, refused: 5 });
    for (const result of results) {
      if (result.status !== "rejected") continue;
      expect(result.reason).toBeInstanceOf(OverloadedError);
      expect(result.reason).toMatchObject({ code: "OVERLOADED", retryAfterMs: 2_000 });
    }
  });

  test("never exceed the limit of parallel hashes, and release their slot after a failure", async () => {
    const passwords = passwordsOf(1, 5);
    await expect(passwords.verify("not a hash", PASSWORD)).rejects.toThrow();
    const results = await Promise.allSettled([
      passwords.verify("not a hash", PASSWORD),
      passwords.hash(PASSWORD),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(await passwords.hash(PASSWORD)).toMatch(/^\$argon2id/);
  });

  test("that are common are recognized in any case, and others are not", async () => {
    const { isCommon } = passwordsOf(1, 1);
    for (const common of [
      "12345678",
      "password1",
      "qwertyuiop",
      "ILoveYou1",
      "TRUSTNO1",
      "1q2w3e4r5t",
    ])
      expect(await isCommon(common), common).toBe(true);
    for (const rare of [PASSWORD, "xkq-vut-7731", "constructor", "__proto__", ""])
      expect(await isCommon(rare), rare).toBe(false);
  });
});
