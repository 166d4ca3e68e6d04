import type { Viewer } from "../domain/auth/session.service.ts";
import type { Loaders } from "./loaders.ts";
import type { Services } from "./services.ts";

/** What is known of whoever asks, before any resolver runs. */
export interface Caller {
  viewer: Viewer | null;
  /** The person's network address. */
  address: string;
  /** What the client calls itself: its User-Agent. */
  device: string;
  /** Whether the session is a browser's and came in its cookie, which a new session takes over. */
  byCookie?: boolean;
}

export interface Context extends Caller {
  services: Services;
  loaders: Loaders;
  /** Whether one context serves many events, as it does over HTTP: what was read for one is old at the next. */
  isStream?: boolean;
  readonly requestId: string;
  /** Puts the session into the browser's cookie, or takes it out with null. Nothing happens over a socket. */
  setSessionCookie: (token: string | null, expiresAt?: Date) => void;
}
