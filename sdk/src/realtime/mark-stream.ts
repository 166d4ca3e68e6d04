import { backoffMs } from "../backoff.ts";
import { type ParleyError, requestError } from "../errors.ts";
import type { ExecutionResult } from "../http.ts";
import { type AnyDocument, documentText, type PrintDocument } from "../typed-document.ts";
import type { Connection } from "./connection.ts";

/** The result of a document whose root field is `ownMarks`. */
export interface MarksResult<Mark = object> {
  readonly ownMarks: Mark;
}

export interface MarkStreamOptions<Result extends MarksResult> {
  connection: Connection;
  /** A subscription to `ownMarks`. */
  document: AnyDocument<Result, Record<string, never>>;
  /** Called with every mark at each (re)connect, then with each changed mark. */
  onMark: (mark: Result["ownMarks"]) => void;
  /** Called when retrying is pointless: the session ended, or the server rejected the request. */
  onFailed?: ((error: ParleyError) => void) | undefined;
  /** Prints documents that are syntax trees. */
  print?: PrintDocument | undefined;
}

/** Delays between attempts after the server rejected or ended the operation. */
const retryBackoff = { baseMs: 300, capMs: 10_000 };

/**
 * Follows the viewer's read marks across reconnects. It needs no cursor, because the server sends
 * all marks again.
 *
 * @returns a function that ends the stream
 */
export function followMarks<Result extends MarksResult>(
  options: MarkStreamOptions<Result>,
): () => void {
  const query = documentText(options.document, options.print);
  let stopOperation: () => void = () => undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let stopped = false;

  function stop(): void {
    stopped = true;
    clearTimeout(retryTimer);
    stopOperation();
  }

  function fail(error: ParleyError): void {
    if (stopped) return;
    stop();
    options.onFailed?.(error);
  }

  function retry(): void {
    if (stopped) return;
    failures += 1;
    retryTimer = setTimeout(start, backoffMs(failures, retryBackoff));
  }

  function onResult(result: ExecutionResult): void {
    if (stopped) return;
    const data = result.data as Result | null | undefined;
    if (data?.ownMarks === undefined) return;
    failures = 0;
    options.onMark(data.ownMarks);
  }

  function start(): void {
    stopOperation = options.connection.start({
      payload: () => ({ query, variables: {} }),
      next: onResult,
      error: (errors) => {
        const error = requestError(errors);
        if (error.retryable) retry();
        else fail(error);
      },
      complete: retry,
      status: () => undefined,
      failed: fail,
    });
    // `start` may fail the operation before it returns.
    if (stopped) stopOperation();
  }

  start();
  return stop;
}
