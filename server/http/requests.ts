import type { IncomingMessage } from "node:http";
import type { Config } from "../config.ts";

const SESSION_COOKIE = "parley_session";
/** Over TLS no other host, no subdomain and no plain connection can set it (RFC 6265bis, 4.1.3.2). */
const SECURE_SESSION_COOKIE = `__Host-${SESSION_COOKIE}`;
const DEVICE_MAX_LENGTH = 200;
export const EVENT_STREAM = "text/event-stream";

type HttpConfig = Pick<Config, "PUBLIC_ORIGINS" | "TRUST_PROXY">;

/** The last value of a forwarding header is the one that our own proxy added. */
function forwarded(request: IncomingMessage, name: string): string | undefined {
  const header = request.headers[name];
  const text = Array.isArray(header) ? header.at(-1) : header;
  return text?.split(",").at(-1)?.trim();
}

/** The network address of the person, for the list of sessions and for limits. */
export function addressOf(request: IncomingMessage, config: HttpConfig): string {
  const proxied = config.TRUST_PROXY ? forwarded(request, "x-forwarded-for") : undefined;
  return (proxied ?? request.socket.remoteAddress ?? "").slice(0, 64);
}

/** What the client calls itself, as far as that is kept. */
export function deviceOf(request: IncomingMessage): string {
  return (request.headers["user-agent"] ?? "").slice(0, DEVICE_MAX_LENGTH);
}

/** Whether the person's side of the connection is encrypted. */
export function isSecure(request: IncomingMessage, config: HttpConfig): boolean {
  if (config.TRUST_PROXY && forwarded(request, "x-forwarded-proto") === "https") return true;
  return "encrypted" in request.socket && request.socket.encrypted === true;
}

/** The name by which the person's side reaches this server, with its port. */
export function hostOf(request: IncomingMessage, config: HttpConfig): string | undefined {
  const proxied = config.TRUST_PROXY ? forwarded(request, "x-forwarded-host") : undefined;
  return proxied ?? request.headers.host;
}

/**
 * Programs send no Origin; pages are let in when they are ours or on the operator's list. What a page
 * of elsewhere loads as an image or a script carries no Origin either, but browsers say whose it is.
 */
export function isAllowedOrigin(request: IncomingMessage, config: HttpConfig): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return !isForeignEmbedding(request);
  if (config.PUBLIC_ORIGINS.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  // A page that came over a plain connection may be anybody's.
  if (isSecure(request, config) && protocol !== "https:") return false;
  return host === hostOf(request, config);
}

/** Whether a page of another site has the browser fetch this without asking first; to follow a link is none. */
function isForeignEmbedding({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document";
}

/** Whether the answer may be a stream of events, which stays open. */
export function wantsEvents(request: IncomingMessage): boolean {
  return request.headers.accept?.includes(EVENT_STREAM) === true;
}

/** The session's token: from the Authorization header, else from the cookie. */
export function tokenOf(request: IncomingMessage, config: HttpConfig): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  return bearer ?? cookieOf(request, config);
}

/** The token in the browser's cookie. */
export function cookieOf(request: IncomingMessage, config: HttpConfig): string | null {
  const wanted = isSecure(request, config) ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = part.split("=", 2);
    if (name?.trim() === wanted && value !== undefined) return value.trim();
  }
  return null;
}

/** The Set-Cookie header that puts the session into the browser, or takes it out with null. */
export function sessionCookie(
  token: string | null,
  expiresAt: Date | undefined,
  secure: boolean,
): string {
  const expires = token === null ? new Date(0) : expiresAt;
  return [
    `${secure ? SECURE_SESSION_COOKIE : SESSION_COOKIE}=${token ?? ""}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    ...(secure ? ["Secure"] : []),
    ...(expires === undefined ? [] : [`Expires=${expires.toUTCString()}`]),
  ].join("; ");
}
