import { GraphQLError } from "graphql";
import type { Logger } from "../kernel/logger.ts";
import { DomainError, RetryableError } from "../kernel/errors.ts";
import { isTransient } from "../log/transient-error.ts";
import { withCode } from "./redact.ts";

/** So long without a request that the database did not answer, the next one is news again, in milliseconds. */
const WHILE_MS = 30_000;
let lastUnanswered = -Infinity;

/** While the database is away this happens to every request; one line tells the operator as much. */
function isFirstInAWhile(): boolean {
  const now = performance.now();
  const isFirst = now - lastUnanswered > WHILE_MS;
  lastUnanswered = now;
  return isFirst;
}

/**
 * What a client may see of an error. Expected failures keep their code; a database that is away
 * becomes a retryable error; everything else is logged once and masked.
 */
export function maskError(error: unknown, requestId: string, logger: Logger): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? null) : error;
  if (original instanceof DomainError) {
    const retry = original instanceof RetryableError ? { retryAfterMs: original.retryAfterMs } : {};
    return rebuild(error, original.message, { code: original.code, ...retry });
  }
  if (error instanceof GraphQLError && (original === null || original instanceof GraphQLError))
    // What graphql-js and Pothos refuse has no code where it is a value that does not fit.
    return withCode(error, "BAD_USER_INPUT");
  const reference = { requestId };
  if (isTransient(original)) {
    const level = isFirstInAWhile() ? "warn" : "debug";
    logger[level]({ err: original, ...reference }, "The database did not answer a request");
    const message = "The server cannot reach its database right now. Try again in a moment.";
    return rebuild(error, message, { code: "UNAVAILABLE", retryAfterMs: 1_000, ...reference });
  }
  logger.error({ err: original, ...reference }, "A request failed unexpectedly");
  const message = "Something went wrong on the server. It has been noted under the request id.";
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
