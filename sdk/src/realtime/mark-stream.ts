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
  /** Called with each mark: with all of them at every (re)connect, then with those that move. */
  onMark: (mark: Result["ownMarks"]) => void;
  /** Called when going on is pointless: the session has ended, or the server refuses the request. */
  onFailed?: ((error: ParleyError) => void) | undefined;
  /** Prints documents that are syntax trees. */
  print?: PrintDocument | undefined;
}

/** Waits between attempts after the server refused or ended the operation, in milliseconds. */
const refusedBackoff = { baseMs: 300, capMs: 10_000 };

/**
 * Follows the viewer's own marks, over any number of connections: nothing has to be resumed, for the
 * server tells all of them again.
 *
 * @returns ends it
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
    retryTimer = setTimeout(start, backoffMs(failures, refusedBackoff));
  }

  function take(result: ExecutionResult): void {
    if (stopped) return;
    const data = result.data as Result | null | undefined;
    if (data?.ownMarks === undefined) return;
    failures = 0;
    options.onMark(data.ownMarks);
  }

  function start(): void {
    stopOperation = options.connection.start({
      payload: () => ({ query, variables: {} }),
      next: take,
      error: (errors) => {
        const error = requestError(errors);
        if (error.retryable) retry();
        else fail(error);
      },
      complete: retry,
      status: () => undefined,
      failed: fail,
    });
    // The connection may have failed the operation before there was anything to stop.
    if (stopped) stopOperation();
  }

  start();
  return stop;
}
