/**
 * The server cannot start, and the operator can fix the cause. The process prints `message` and `remedy`
 * on one line and exits with code 1.
 */
export class StartupError extends Error {
  /** What the operator can do, as one sentence. */
  readonly remedy: string;

  /**
   * @param cause what went wrong, as one line
   * @param remedy what to do about it, as one line
   * @param options the underlying error, for logs
   */
  constructor(cause: string, remedy: string, options?: ErrorOptions) {
    super(sentence(cause), options);
    this.name = "StartupError";
    this.remedy = sentence(remedy);
  }
}

/** Ends a text with a period, because both texts are printed on one line. */
function sentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}
