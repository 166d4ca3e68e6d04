import type { IncomingMessage } from "node:http";
import type { Config } from "../config.ts";

const SESSION_COOKIE = "parley_session";
/** Over TLS, no other host, subdomain or plain connection can set this cookie (RFC 6265bis, 4.1.3.2). */
const SECURE_SESSION_COOKIE = `__Host-${SESSION_COOKIE}`;
const DEVICE_MAX_LENGTH = 200;
export const EVENT_STREAM = "text/event-stream";

type HttpConfig = Pick<Config, "PUBLIC_ORIGINS" | "TRUST_PROXY">;

/** Returns the last value of a forwarding header, which the operator's proxy added. */
function forwarded(request: IncomingMessage, name: string): string | undefined {
  const header = request.headers[name];
  const text = Array.isArray(header) ? header.at(-1) : header;
  return text?.split(",").at(-1)?.trim();
}

/** Returns the client's network address, for the session list and for limits. */
export function addressOf(request: IncomingMessage, config: HttpConfig): string {
  const proxied = config.TRUST_PROXY ? forwarded(request, "x-forwarded-for") : undefined;
  return (proxied ?? request.socket.remoteAddress ?? "").slice(0, 64);
}

/** Returns the client's User-Agent, cut to the stored length. */
export function deviceOf(request: IncomingMessage): string {
  return (request.headers["user-agent"] ?? "").slice(0, DEVICE_MAX_LENGTH);
}

/** Whether the client's side of the connection is encrypted. */
export function isSecure(request: IncomingMessage, config: HttpConfig): boolean {
  if (config.TRUST_PROXY && forwarded(request, "x-forwarded-proto") === "https") return true;
  return "encrypted" in request.socket && request.socket.encrypted === true;
}

/** Returns the host and port under which the client reaches this server. */
export function hostOf(request: IncomingMessage, config: HttpConfig): string | undefined {
  const proxied = config.TRUST_PROXY ? forwarded(request, "x-forwarded-host") : undefined;
  return proxied ?? request.headers.host;
}

/**
 * Whether the request may proceed. Programs send no Origin. Pages must have this server's origin or a
 * listed one. Images and scripts embedded in foreign pages carry no Origin either, but browsers mark them
 * with Sec-Fetch-Site.
 */
export function isAllowedOrigin(request: IncomingMessage, config: HttpConfig): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return !isForeignEmbedding(request);
  if (config.PUBLIC_ORIGINS.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  // A page from a plain connection may have been forged.
  if (isSecure(request, config) && protocol !== "https:") return false;
  return host === hostOf(request, config);
}

/** Whether a foreign page embeds this resource without a preflight. Following a link is allowed. */
function isForeignEmbedding({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document";
}

/** Whether the client accepts an event stream, which stays open. */
export function wantsEvents(request: IncomingMessage): boolean {
  return request.headers.accept?.includes(EVENT_STREAM) === true;
}

/** Returns the session token from the Authorization header, or else from the cookie. */
export function tokenOf(request: IncomingMessage, config: HttpConfig): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  return bearer ?? cookieOf(request, config);
}

/** Returns the token in the browser's cookie. */
export function cookieOf(request: IncomingMessage, config: HttpConfig): string | null {
  const wanted = isSecure(request, config) ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = part.split("=", 2);
    if (name?.trim() === wanted && value !== undefined) return value.trim();
  }
  return null;
}

/** Builds the Set-Cookie header that sets the session, or clears it with null. */
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
