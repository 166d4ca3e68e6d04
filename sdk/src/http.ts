import { NetworkError, requestError, type ResponseError } from "./errors.ts";
import { type AnyDocument, documentText, type PrintDocument } from "./typed-document.ts";

export interface HttpOptions {
  /** URL of the GraphQL endpoint. */
  url: string;
  /**
   * Returns the session's token; called for each request. Without a token, cookies may
   * authenticate.
   */
  token: () => string | undefined;
  fetch: typeof globalThis.fetch;
  /** Timeout of one request, in milliseconds. */
  timeoutMs: number;
  /** Headers of every request, such as a user agent. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Whether requests include cookies; see `fetch`. */
  credentials?: "include" | "omit" | "same-origin" | undefined;
}

/** Runs a query or a mutation and returns its `data`. */
export type Execute = <Result, Variables>(
  document: AnyDocument<Result, Variables>,
  variables: Variables,
  options?: { signal?: AbortSignal | undefined; print?: PrintDocument | undefined },
) => Promise<Result>;

/**
 * Creates the function that sends queries and mutations over HTTP.
 *
 * It rejects with a `NetworkError` if the server sends no GraphQL response. It rejects with a
 * `RequestError` or `UnauthenticatedError` if the response contains errors, and with the signal's
 * reason if the caller aborts.
 */
export function makeExecute(options: HttpOptions): Execute {
  return async <Result, Variables>(
    document: AnyDocument<Result, Variables>,
    variables: Variables,
    { signal, print }: { signal?: AbortSignal | undefined; print?: PrintDocument | undefined } = {},
  ): Promise<Result> => {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(options.timeoutMs);
    const body = await post(options, documentText(document, print), variables, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof NetworkError) throw error;
      const reason = timeout.aborted
        ? `no response within ${options.timeoutMs} ms`
        : messageOf(error);
      throw new NetworkError(`Could not reach ${options.url}: ${reason}`, error);
    });
    if (body.errors !== undefined && body.errors.length > 0) throw requestError(body.errors);
    if (body.data === undefined || body.data === null) throw notGraphQL(options.url, 200);
    return body.data as Result;
  };
}

/** The GraphQL response to an operation. */
export interface ExecutionResult {
  readonly data?: unknown;
  readonly errors?: readonly ResponseError[];
}

async function post(
  options: HttpOptions,
  query: string,
  variables: unknown,
  { signal }: { signal: AbortSignal },
): Promise<ExecutionResult> {
  const token = options.token();
  const { fetch } = options;
  const response = await fetch(options.url, {
    method: "POST",
    headers: {
      ...options.headers,
      accept: "application/graphql-response+json, application/json",
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const content = await response.text();
  const body = parse(content);
  if (!isExecutionResult(body)) throw notGraphQL(options.url, response.status);
  return body;
}

/**
 * Many servers and proxies report failures as text or HTML. Only a GraphQL body counts as a
 * response.
 */
function isExecutionResult(body: unknown): body is ExecutionResult {
  if (typeof body !== "object" || body === null) return false;
  return "data" in body || ("errors" in body && Array.isArray(body.errors));
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function notGraphQL(url: string, status: number): NetworkError {
  return new NetworkError(`${url} did not return a GraphQL response (HTTP status ${status}).`);
}

/** `fetch` puts the reason of a failure in `error.cause`. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== ""
    ? error.cause.message
    : error.message;
}
