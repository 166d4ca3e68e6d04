import { RetryableError } from "../../kernel/errors.ts";

export class SearchTimeoutError extends RetryableError {
  readonly code = "SEARCH_TIMEOUT";
  constructor() {
    super(
      "This search takes too long. Add words, use longer words, or search in fewer conversations.",
      1_000,
    );
  }
}
