import type { CombinedError } from "@urql/core";

/**
 * A sentence for a person about an operation that gave no answer.
 *
 * @param error what urql reports: the network's failure or GraphQL errors (which are bugs: expected
 *   failures are typed results)
 */
export function sentenceFor(error: CombinedError | undefined): string {
  if (error?.networkError)
    return "The server cannot be reached. Check the connection and try again.";
  return "Something went wrong on the server. Try again in a moment.";
}
