/** What every failure of this SDK is. `code` is stable and for programs, `message` for people. */
export class ParleyError extends Error {
  /** A stable name of what went wrong, such as `NOT_A_MEMBER`. */
  readonly code: string;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** How long the server asks to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;

  constructor(name: string, code: string, message: string, options: ParleyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface ParleyErrorOptions {
  retryable?: boolean;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** The fields of a typed error as the server answers them. */
export interface TypedErrorData {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/**
 * An error that the schema announces: one that a mutation's union can answer. There is a class for
 * each of them, generated from the schema, with the error's own fields as properties.
 */
export class TypedError extends ParleyError {
  constructor(name: string, data: TypedErrorData) {
    super(name, data.code, data.message, {
      // A server that names a time to wait says that waiting helps.
      retryable: data.retryAfterMs !== undefined,
      retryAfterMs: data.retryAfterMs,
    });
    for (const [key, value] of Object.entries<unknown>({ ...data })) {
      if (key !== "__typename" && !(key in this)) Object.assign(this, { [key]: value });
    }
  }
}

/** The server could not be reached, did not answer in time, or answered with something else. */
export class NetworkError extends ParleyError {
  constructor(message: string, cause?: unknown) {
    super("NetworkError", "NETWORK", message, { retryable: true, cause });
  }
}

/** One entry of the `errors` of a GraphQL response. */
export interface ResponseError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: unknown; readonly [name: string]: unknown };
}

/** The server refused or failed an operation with GraphQL errors; all of them are in `errors`. */
export class RequestError extends ParleyError {
  readonly errors: readonly ResponseError[];

  constructor(errors: readonly ResponseError[], name = "RequestError") {
    const first = errors[0];
    const code = typeof first?.extensions?.code === "string" ? first.extensions.code : "REQUEST";
    const wait = first?.extensions?.["retryAfterMs"];
    const retryAfterMs = typeof wait === "number" ? wait : undefined;
    super(name, code, first?.message ?? "The request failed.", {
      retryable: retryAfterMs !== undefined || transientCodes.has(code),
      retryAfterMs,
    });
    this.errors = errors;
  }
}

/** The operation needs a session and there is none, or the token is not valid (any more). */
export class UnauthenticatedError extends RequestError {
  constructor(errors: readonly ResponseError[]) {
    super(errors, "UnauthenticatedError");
  }
}

/** The server ended the connection and does not want this client back with the same token. */
export class ForbiddenError extends ParleyError {
  constructor(message: string, name = "ForbiddenError", code = "FORBIDDEN") {
    super(name, code, message);
  }
}

/** The session was revoked, logged out or has expired: log in again. */
export class SessionEndedError extends ForbiddenError {
  constructor(message: string) {
    super(message, "SessionEndedError", "SESSION_ENDED");
  }
}

/** The client was closed, so it does nothing any more. */
export class ClosedError extends ParleyError {
  constructor(message = "This client is closed.") {
    super("ClosedError", "CLOSED", message);
  }
}

/** Codes of GraphQL errors that may be gone at the next attempt. */
const transientCodes: ReadonlySet<string> = new Set([
  "INTERNAL_SERVER_ERROR",
  "OVERLOADED",
  "RATE_LIMITED",
]);

/** The error for the `errors` of a response. */
export function requestError(errors: readonly ResponseError[]): RequestError {
  const denied = errors.some((error) => error.extensions?.code === "UNAUTHENTICATED");
  return denied ? new UnauthenticatedError(errors) : new RequestError(errors);
}

/** Whether trying the same thing again later can help. */
export function isRetryable(error: unknown): boolean {
  return error instanceof ParleyError && error.retryable;
}
