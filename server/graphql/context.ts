import { randomUUID } from "node:crypto";
import type { Viewer } from "../kernel/viewer.ts";
import type { Loaders, MakeLoaders } from "./loaders.ts";
import type { Services } from "./services.ts";

/** The sender of an operation, known before any resolver runs. */
export interface Caller {
  viewer: Viewer | null;
  /** The client's network address. */
  address: string;
  /** The client's User-Agent. */
  device: string;
  /** Whether the session came in a browser's cookie. A new session then replaces it. */
  byCookie?: boolean;
}

export interface Context extends Caller {
  services: Services;
  loaders: Loaders;
  /** Creates loaders. An own property, because the executor of streams over HTTP copies the context. */
  readonly makeLoaders: MakeLoaders;
  /**
   * Whether one context serves many events, as it does over HTTP: data read for one event is stale for the
   * next.
   */
  isStream?: boolean;
  readonly requestId: string;
  /** Sets the session cookie of the browser, or clears it with null. Does nothing over a socket. */
  setSessionCookie: (token: string | null, expiresAt?: Date) => void;
}

/** Parts that all contexts share. */
export interface ContextParts {
  services: Services;
  makeLoaders: MakeLoaders;
}

const NO_COOKIE: Context["setSessionCookie"] = () => undefined;

/** The context of one operation. Loaders and the request id are created on first use. */
export class OperationContext implements Context {
  readonly services: Services;
  readonly makeLoaders: MakeLoaders;
  viewer: Viewer | null;
  address: string;
  device: string;
  byCookie: boolean;
  setSessionCookie: Context["setSessionCookie"];
  isStream = false;
  #loaders: Loaders | null = null;
  #requestId: string | null = null;

  constructor(
    { services, makeLoaders }: ContextParts,
    caller: Caller,
    setSessionCookie = NO_COOKIE,
  ) {
    this.services = services;
    this.makeLoaders = makeLoaders;
    this.viewer = caller.viewer;
    this.address = caller.address;
    this.device = caller.device;
    this.byCookie = caller.byCookie ?? false;
    this.setSessionCookie = setSessionCookie;
  }

  get loaders(): Loaders {
    return (this.#loaders ??= this.makeLoaders(this.services, this.viewer));
  }

  set loaders(fresh: Loaders) {
    this.#loaders = fresh;
  }

  get requestId(): string {
    return (this.#requestId ??= randomUUID());
  }
}
