import type { Passwords } from "../../infra/passwords.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import { networkOf } from "../../kernel/network.ts";
import type { Viewer } from "../../kernel/viewer.ts";
import { isUsername, usernameKey } from "../user/user.service.ts";
import { InvalidCredentialsError } from "./auth.errors.ts";
import type { AuthStore } from "./auth.store.ts";

/**
 * Limits password guesses. A guess counts before its check, so that parallel guesses cannot bypass the
 * limit; any result other than a wrong password reverts the count.
 */
export interface GuessService {
  /**
   * Runs the check of a log-in. An address that has logged in to the account before has a separate budget,
   * so attackers elsewhere cannot lock the user out.
   *
   * @throws RateLimitedError, and the errors of `check`
   */
  countLogIn<T>(username: string, address: string, check: () => Promise<T>): Promise<T>;
  /**
   * Checks the password of a logged-in user.
   *
   * @throws InvalidCredentialsError RateLimitedError OverloadedError
   */
  confirmPassword(viewer: Viewer, password: string): Promise<void>;
}

export interface GuessServiceOptions {
  store: AuthStore;
  passwords: Passwords;
  clock: Clock;
  rates: RateLimits;
}

/** How long an address counts as known after a log-in from it, in milliseconds: 90 days. */
const KNOWN_ADDRESS_MS = 90 * 86_400_000;

export function makeGuessService(options: GuessServiceOptions): GuessService {
  const { store, passwords, clock, rates } = options;

  /** Counts a guess. Returns a function that reverts the count. */
  const takeLogIn = async (username: string, address: string): Promise<() => Promise<void>> => {
    const account = usernameKey(username);
    const network = networkOf(address);
    const since = new Date(clock.now() - KNOWN_ADDRESS_MS);
    const known = isUsername(username) ? await store.recentAddresses(account, since) : [];
    if (known.some((earlier) => networkOf(earlier) === network))
      return rates.takeAll([["LOG_IN_KNOWN", `${account} ${network}`]]);
    // The widest limit first: when it is used up, nothing more is stored for accounts and addresses.
    return rates.takeAll([
      ["LOG_IN_TOTAL", ""],
      ["LOG_IN_ADDRESS", network],
      ["LOG_IN_ACCOUNT", account],
    ]);
  };

  const count = async <T>(
    take: () => Promise<() => Promise<void>>,
    check: () => Promise<T>,
  ): Promise<T> => {
    const revert = await take();
    try {
      const result = await check();
      await revert();
      return result;
    } catch (error) {
      if (!(error instanceof InvalidCredentialsError)) await revert();
      throw error;
    }
  };

  return {
    countLogIn: (username, address, check) => count(() => takeLogIn(username, address), check),
    confirmPassword: ({ user }, password) =>
      count(
        () => rates.takeAll([["PASSWORD", user.id]]),
        async () => {
          if (!(await passwords.verify(await store.passwordHash(user.id), password)))
            throw new InvalidCredentialsError();
        },
      ),
  };
}
