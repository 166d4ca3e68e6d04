import type { FieldProblem } from "../../kernel/errors.ts";

/** NIST SP 800-63B, 3.1.1.2: at least 8 characters, no composition rules, at least 64 allowed. */
export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 256;

export type SessionPolicy = "multiple" | "reject" | "replace";

/**
 * Returns the problems of a new password; empty if it is valid.
 *
 * @param reservedNames names of the user and the server, which attackers guess first
 */
export function passwordProblems(
  field: string,
  password: string,
  reservedNames: readonly string[],
): FieldProblem[] {
  const length = Array.from(password).length;
  if (length < PASSWORD_MIN_LENGTH) {
    const message = `A password needs at least ${String(PASSWORD_MIN_LENGTH)} characters.`;
    return [{ field, code: length === 0 ? "REQUIRED" : "TOO_SHORT", message }];
  }
  if (length > PASSWORD_MAX_LENGTH) {
    return [
      {
        field,
        code: "TOO_LONG",
        message: `A password may have at most ${String(PASSWORD_MAX_LENGTH)} characters.`,
      },
    ];
  }
  const name = nameWithin(password);
  if (
    reservedNames.some(
      (reserved) => reserved !== "" && [password, name].some((text) => isSame(text, reserved)),
    )
  ) {
    const message = "The password must not be your username or another known name.";
    return [{ field, code: "INVALID_VALUE", message }];
  }
  return [];
}

/** Returns the problem of a common password. */
export function isCommonPassword(field: string): FieldProblem {
  const message = "This password is too common. Attackers try it first.";
  return { field, code: "INVALID_VALUE", message };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Strips digits and punctuation around a name. */
function nameWithin(password: string): string {
  return password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
}

/**
 * Returns when a log-in may proceed, in milliseconds since the Unix epoch; null for immediately.
 *
 * @param aliveUntil for each session of the user, the end of its lock
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
