import {
  LOG_IN,
  SIGN_UP,
  type LogInResult,
  type SessionPayload,
  type SignUpResult,
  type TypedError,
} from "./documents.ts";
import type { GraphQLProblem } from "./inbox.ts";
import { subscribe, type Endpoint, type SubscribeOptions, type Subscription } from "./socket.ts";
import type { ChatEvent } from "./documents.ts";

export type Variables = Record<string, unknown>;

/** The password of all test users. */
export const PASSWORD = "correct horse battery staple";

/** The whole response to one request. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  data: T | null;
  errors: readonly GraphQLProblem[];
  extensions: Record<string, unknown>;
}

interface Identity {
  token?: string;
  cookie?: string;
  headers?: Record<string, string>;
}

/** Calls a server's GraphQL endpoint over HTTP, as one user or anonymously. Immutable. */
export class TestClient {
  /** `http://host:port` */
  readonly url: string;
  readonly #identity: Identity;

  constructor(endpoint: Endpoint, identity: Identity = {}) {
    this.url = typeof endpoint === "string" ? endpoint : endpoint.url;
    this.#identity = identity;
  }

  /** The session token of its requests. */
  get token(): string | undefined {
    return this.#identity.token;
  }

  /** Returns a client with a token (`Authorization: Bearer`). */
  as(token: string): TestClient {
    const { cookie: _, ...identity } = this.#identity;
    return new TestClient(this.url, { ...identity, token });
  }

  /** Returns a client like a browser with a cookie, `name=value`. */
  withCookie(cookie: string): TestClient {
    const { token: _, ...identity } = this.#identity;
    return new TestClient(this.url, { ...identity, cookie });
  }

  /** Returns a client with further headers on every request. */
  withHeaders(headers: Record<string, string>): TestClient {
    return new TestClient(this.url, {
      ...this.#identity,
      headers: { ...this.#identity.headers, ...headers },
    });
  }

  /** Returns the same client on another instance. */
  on(endpoint: Endpoint): TestClient {
    return new TestClient(endpoint, this.#identity);
  }

  /** Sends any request to the server, with this client's identity. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { token, cookie, headers } = this.#identity;
    const all = new Headers({
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { cookie }),
    });
    new Headers(init.headers).forEach((value, name) => all.set(name, value));
    return fetch(new URL(path, this.url), { ...init, headers: all });
  }

  /** Sends an operation and returns the whole response, including errors. */
  async send<T>(query: string, variables: Variables = {}): Promise<Answer<T>> {
    const response = await this.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    let body: Partial<Answer<T>>;
    try {
      body = JSON.parse(text) as Partial<Answer<T>>;
    } catch {
      throw new Error(`HTTP ${response.status} without JSON: ${text.slice(0, 500)}`);
    }
    return {
      status: response.status,
      headers: response.headers,
      data: body.data ?? null,
      errors: body.errors ?? [],
      extensions: body.extensions ?? {},
    };
  }

  /**
   * Runs an operation.
   *
   * @returns `data`
   * @throws if the response has GraphQL errors
   */
  async query<T>(query: string, variables: Variables = {}): Promise<T> {
    const { status, data, errors } = await this.send<T>(query, variables);
    if (errors.length > 0 || data === null) {
      throw new Error(`HTTP ${status}: ${JSON.stringify(errors)}`);
    }
    return data;
  }

  /**
   * Runs a mutation with one root field.
   *
   * @returns the field's value: the payload or a typed error, distinguished by `__typename`
   * @throws if the response has GraphQL errors
   */
  async mutate<T>(mutation: string, variables: Variables = {}): Promise<T> {
    const values = Object.values(await this.query<Record<string, T>>(mutation, variables));
    const [value] = values;
    if (value === undefined || values.length > 1) {
      throw new Error(`a mutation of one field, not ${values.length}`);
    }
    return value;
  }

  /** Creates an account. @throws if it is rejected */
  async signUp(username: string, password: string = PASSWORD): Promise<SessionPayload> {
    const input = { username, password, device: "test" };
    return payload(await this.mutate<SignUpResult>(SIGN_UP, { input }));
  }

  /** Starts a session. @throws if it is rejected */
  async logIn(username: string, password: string = PASSWORD): Promise<SessionPayload> {
    const input = { username, password, device: "test" };
    return payload(await this.mutate<LogInResult>(LOG_IN, { input }));
  }

  /** Opens a separate WebSocket with this identity; `query` is `EVENTS` by default. */
  subscribe<T = ChatEvent>(options: SubscribeOptions = {}): Promise<Subscription<T>> {
    const { token, cookie, headers } = this.#identity;
    return subscribe<T>(this.url, {
      ...(token === undefined ? {} : { token }),
      ...options,
      headers: { ...headers, ...(cookie === undefined ? {} : { cookie }), ...options.headers },
    });
  }
}

/** Returns an anonymous client: `.signUp(…)`, then `.as(token)`. */
export function client(endpoint: Endpoint): TestClient {
  return new TestClient(endpoint);
}

/** Returns the payload of a mutation's result. @throws for a typed error, with its code and fields */
export function payload<T extends { __typename: string }>(
  result: T | TypedError,
): Exclude<T, TypedError> {
  if ("code" in result) throw new Error(`${result.__typename}: ${JSON.stringify(result)}`);
  return result as Exclude<T, TypedError>;
}

/** Returns the session cookie set by a response, as `name=value`; undefined if there is none. */
export function cookieOf(answer: { headers: Headers }): string | undefined {
  return answer.headers.getSetCookie()[0]?.split(";")[0];
}
