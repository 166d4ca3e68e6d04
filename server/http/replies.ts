import type { IncomingMessage, ServerResponse } from "node:http";
import { DomainError, RetryableError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { isTransient } from "../log/transient-error.ts";

/** The status of each error that a request for a file can end with; all others are 400. */
const STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  LINK_INVALID: 403,
  NOT_FOUND: 404,
  UPLOAD_CONFLICT: 409,
  UPLOAD_EXPIRED: 410,
  FILE_TOO_LARGE: 413,
  FILE_TYPE: 415,
  PICTURE_INVALID: 422,
  PICTURE_TOO_LARGE: 422,
  OVERLOADED: 503,
};
const UNAVAILABLE_RETRY_SECONDS = 1;
/** How long a sender whose request was refused may go on with it, to find the answer. */
const LINGER_MS = 5_000;

/** Said to whoever holds as many sockets and streams as one may. */
export const TOO_MANY_CONNECTIONS = "Too many connections are open. Close some of them first.";

/** Answers with JSON that nobody keeps. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-store",
    })
    .end(response.req.method === "HEAD" ? undefined : JSON.stringify(body));
}

/**
 * Answers a request for a file that failed: `{ code, message }` with a fitting status. What nobody
 * expected is logged and told no more of.
 */
export function sendFailure(response: ServerResponse, error: unknown, logger: Logger): void {
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  drain(response.req);
  if (error instanceof DomainError) {
    if (error instanceof RetryableError) {
      response.setHeader("Retry-After", Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
    }
    const { code, message } = error;
    sendJson(response, STATUS[code] ?? 400, { code, message });
  } else if (isTransient(error)) {
    response.setHeader("Retry-After", UNAVAILABLE_RETRY_SECONDS);
    const message = "The server cannot do this right now. Try again.";
    sendJson(response, 503, { code: "UNAVAILABLE", message });
  } else {
    logger.error({ err: error, path: response.req.url?.split("?", 1)[0] }, "A file request failed");
    const message = "Something went wrong here. It has been noted.";
    sendJson(response, 500, { code: "INTERNAL_SERVER_ERROR", message });
  }
}

/**
 * What is still being sent is thrown away, but not waited for long. To close at once would also
 * throw away the answer, with many clients.
 */
export function drain(request: IncomingMessage): void {
  if (request.complete) return;
  const cut = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.once("close", () => {
    clearTimeout(cut);
  });
  request.resume();
}
