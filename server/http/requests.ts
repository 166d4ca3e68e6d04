import type { IncomingMessage } from "node:http";
import type { Config } from "../config.ts";

export const SESSION_COOKIE = "parley_session";

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

/** Whether the person's side of the connection is encrypted. */
export function isSecure(request: IncomingMessage, config: HttpConfig): boolean {
  if (config.TRUST_PROXY && forwarded(request, "x-forwarded-proto") === "https") return true;
  return "encrypted" in request.socket && request.socket.encrypted === true;
}

/** Programs send no Origin; pages are let in when they are ours or on the operator's list. */
export function isAllowedOrigin(request: IncomingMessage, config: HttpConfig): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (config.PUBLIC_ORIGINS.includes(origin)) return true;
  const host =
    (config.TRUST_PROXY ? forwarded(request, "x-forwarded-host") : undefined) ??
    request.headers.host;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** The session's token: from the Authorization header, else from the cookie. */
export function tokenOf(request: IncomingMessage): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  return bearer ?? cookieOf(request);
}

/** The token in the browser's cookie. */
export function cookieOf(request: IncomingMessage): string | null {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = part.split("=", 2);
    if (name?.trim() === SESSION_COOKIE && value !== undefined) return value.trim();
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
    `${SESSION_COOKIE}=${token ?? ""}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    ...(secure ? ["Secure"] : []),
    ...(expires === undefined ? [] : [`Expires=${expires.toUTCString()}`]),
  ].join("; ");
}
