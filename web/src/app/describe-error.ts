import type { CombinedError } from "@urql/core";

/**
 * Describes a failed operation to the user.
 *
 * @param error the error that urql reports. GraphQL errors are bugs, because expected failures are
 *   typed results.
 */
export function describeError(error: CombinedError | undefined): string {
  if (error?.networkError) return "Couldn't reach the server. Check your connection and try again.";
  return "Something went wrong on the server. Try again in a moment.";
}
