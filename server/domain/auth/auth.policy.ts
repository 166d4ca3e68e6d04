import type { FieldProblem } from "../../kernel/errors.ts";

/** NIST SP 800-63B, 3.1.1.2: at least 8 characters, no composition rules, at least 64 allowed. */
export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 256;

export type SessionPolicy = "multiple" | "reject" | "replace";

/**
 * What is wrong with a new password; empty when nothing is.
 *
 * @param words what whoever guesses tries first: names of the person and of the server
 */
export function passwordProblems(
  field: string,
  password: string,
  words: readonly string[],
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
  const core = withoutFrills(password);
  if (words.some((word) => word !== "" && [password, core].some((text) => isSame(text, word)))) {
    const message = "The password must not be the username or another name that is known.";
    return [{ field, code: "INVALID_VALUE", message }];
  }
  return [];
}

/** A problem of a password that is among the first to be tried. */
export function isCommonPassword(field: string): FieldProblem {
  const message = "Many people have this password, so it is among the first to be tried.";
  return { field, code: "INVALID_VALUE", message };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Without the digits and signs that are put around a name to make it look like a password. */
function withoutFrills(password: string): string {
  return password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
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
