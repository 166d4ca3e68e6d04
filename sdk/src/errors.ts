/** Base class of all SDK errors. Programs read `code`; users read `message`. */
export class ParleyError extends Error {
  /** Stable identifier of the error, such as `NOT_A_MEMBER`. */
  readonly code: string;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** How long the server asks the client to wait before a retry, in milliseconds. */
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

/** The fields of a typed error in a response. */
export interface TypedErrorData {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/**
 * An error that the schema declares as a member of a mutation's union. The SDK generates one
 * subclass per error type, with the error's own fields as properties.
 */
export class TypedError extends ParleyError {
  constructor(name: string, data: TypedErrorData) {
    super(name, data.code, data.message, {
      // If the server names a delay, a retry can succeed.
      retryable: data.retryAfterMs !== undefined,
      retryAfterMs: data.retryAfterMs,
    });
    for (const [key, value] of Object.entries<unknown>({ ...data })) {
      if (key !== "__typename" && !(key in this)) Object.assign(this, { [key]: value });
    }
  }
}

/** The server was unreachable, timed out, or sent a response that is not GraphQL. */
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

/** The server rejected or failed an operation with GraphQL errors. `errors` holds all of them. */
export class RequestError extends ParleyError {
  /** All errors of the response. The first one determines `code` and `message`. */
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

/** The operation requires a session, but the token is missing, invalid or expired. */
export class UnauthenticatedError extends RequestError {
  constructor(errors: readonly ResponseError[]) {
    super(errors, "UnauthenticatedError");
  }
}

/** The server closed the connection and does not accept this token again. */
export class ForbiddenError extends ParleyError {
  constructor(message: string, name = "ForbiddenError", code = "FORBIDDEN") {
    super(name, code, message);
  }
}

/** The session expired, was revoked or was logged out. Log in again. */
export class SessionEndedError extends ForbiddenError {
  constructor(message: string) {
    super(message, "SessionEndedError", "SESSION_ENDED");
  }
}

/** The client is closed and starts no more operations. */
export class ClosedError extends ParleyError {
  constructor(message = "This client is closed.") {
    super("ClosedError", "CLOSED", message);
  }
}

/** Codes of GraphQL errors that a retry may resolve. */
const transientCodes: ReadonlySet<string> = new Set([
  "INTERNAL_SERVER_ERROR",
  "OVERLOADED",
  "RATE_LIMITED",
]);

/** Converts the `errors` of a response to one error. */
export function requestError(errors: readonly ResponseError[]): RequestError {
  const denied = errors.some((error) => error.extensions?.code === "UNAUTHENTICATED");
  return denied ? new UnauthenticatedError(errors) : new RequestError(errors);
}

/** Whether the same call may succeed later. */
export function isRetryable(error: unknown): boolean {
  return error instanceof ParleyError && error.retryable;
}
