import type { FieldProblem } from "../../kernel/errors.ts";

/** NIST SP 800-63B, 3.1.1.2: at least 8 characters, no composition rules, at least 64 allowed. */
export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 256;

export type SessionPolicy = "multiple" | "reject" | "replace";

/** What is wrong with a new password; empty when nothing is. */
export function passwordProblems(
  field: string,
  password: string,
  username: string,
): FieldProblem[] {
  const length = Array.from(password).length;
  if (length < PASSWORD_MIN_LENGTH) {
    const message = `A password has at least ${String(PASSWORD_MIN_LENGTH)} characters.`;
    return [{ field, code: length === 0 ? "REQUIRED" : "TOO_SHORT", message }];
  }
  if (length > PASSWORD_MAX_LENGTH) {
    return [
      {
        field,
        code: "TOO_LONG",
        message: `A password has at most ${String(PASSWORD_MAX_LENGTH)} characters.`,
      },
    ];
  }
  if (password.toLowerCase() === username.toLowerCase()) {
    return [{ field, code: "INVALID_VALUE", message: "The password must not be the username." }];
  }
  return [];
}

/**
 * Until when a log-in has to wait, in milliseconds since the epoch; null when it may go ahead.
 *
 * @param aliveUntil for each session of the person, until when it counts as alive
 */
export function logInBlockedUntil(
  policy: SessionPolicy,
  aliveUntil: readonly number[],
  now: number,
): number | null {
  if (policy !== "reject") return null;
  const last = Math.max(0, ...aliveUntil);
  return last > now ? last : null;
}
