import { GraphQLError } from "graphql";
import type { Logger } from "../kernel/logger.ts";
import { DomainError, RetryableError } from "../kernel/errors.ts";
import { isTransient } from "../log/transient-error.ts";
import { withCode } from "./redact.ts";

/**
 * If no request failed because of a database outage for this long, in milliseconds, the next failure is
 * logged again.
 */
const QUIET_MS = 30_000;
let lastOutageError = -Infinity;

/** During an outage, every request fails this way; one log line is enough. */
function isFirstOfOutage(): boolean {
  const now = performance.now();
  const isFirst = now - lastOutageError > QUIET_MS;
  lastOutageError = now;
  return isFirst;
}

/**
 * Returns the part of an error that a client may see. Expected errors keep their code, a database outage
 * becomes a retryable error, and every other error is logged once and masked.
 */
export function maskError(error: unknown, requestId: string, logger: Logger): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? null) : error;
  if (original instanceof DomainError) {
    const retry = original instanceof RetryableError ? { retryAfterMs: original.retryAfterMs } : {};
    return rebuild(error, original.message, { code: original.code, ...retry });
  }
  if (error instanceof GraphQLError && (original === null || original instanceof GraphQLError))
    // Errors of graphql-js and Pothos about invalid values have no code.
    return withCode(error, "BAD_USER_INPUT");
  const reference = { requestId };
  if (isTransient(original)) {
    const level = isFirstOfOutage() ? "warn" : "debug";
    logger[level](
      { err: original, ...reference },
      "A request failed because the database did not respond",
    );
    const message = "The server cannot reach its database. Try again in a moment.";
    return rebuild(error, message, { code: "UNAVAILABLE", retryAfterMs: 1_000, ...reference });
  }
  logger.error({ err: original, ...reference }, "A request failed unexpectedly");
  const message = "An unexpected error occurred. The server has logged it with the request id.";
  return rebuild(error, message, { code: "INTERNAL_SERVER_ERROR", ...reference });
}

function rebuild(
  error: unknown,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  return new GraphQLError(message, { ...place, extensions });
}
