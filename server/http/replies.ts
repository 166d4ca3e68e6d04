import type { IncomingMessage, ServerResponse } from "node:http";
import { DomainError, RetryableError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { isTransient } from "../log/transient-error.ts";

/** HTTP status by error code of file requests; other codes return 400. */
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
/**
 * How long the sender of a rejected request may keep sending before the connection closes, so that it can
 * read the response.
 */
const LINGER_MS = 5_000;

/** Message for clients that have reached the limit of connections. */
export const TOO_MANY_CONNECTIONS = "Too many open connections. Close some of them first.";

/** Sends JSON that caches must not store. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-store",
    })
    .end(response.req.method === "HEAD" ? undefined : JSON.stringify(body));
}

/** Rejects a request for /graphql with one GraphQL error. `more` adds extensions. */
export function sendGraphQLError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  more: object = {},
): void {
  sendJson(response, status, { errors: [{ message, extensions: { code, ...more } }] });
}

/**
 * Sends the error of a file request as `{ code, message }` with a matching status. An unexpected error is
 * logged and masked.
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
    const message = "The server is temporarily unavailable. Try again.";
    sendJson(response, 503, { code: "UNAVAILABLE", message });
  } else {
    logger.error({ err: error, path: response.req.url?.split("?", 1)[0] }, "A file request failed");
    const message = "An unexpected error occurred. The server has logged it.";
    sendJson(response, 500, { code: "INTERNAL_SERVER_ERROR", message });
  }
}

/**
 * Discards the rest of a request body for a short time. Closing immediately would make many clients lose
 * the response.
 */
export function drain(request: IncomingMessage): void {
  if (request.complete) return;
  const cut = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.once("close", () => {
    clearTimeout(cut);
  });
  request.resume();
}
