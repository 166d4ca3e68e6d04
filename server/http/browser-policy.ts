import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import { hostOf, isSecure } from "./requests.ts";

/** No page of another site may frame ours and borrow the clicks of whoever is logged in. */
const NO_FRAMES = "frame-ancestors 'none'";

/**
 * The web app needs nothing but itself. Markup comes about in one place only, Solid's templates, which
 * are of the build; `web/vite.config.ts` makes them the policy `solid`.
 */
const APP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types solid",
  NO_FRAMES,
];

/** The playground brings its scripts within its page, and loads and sends nothing elsewhere. */
const PLAYGROUND = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  NO_FRAMES,
];

/** What a page of ours may never ask a device for. */
const NO_DEVICES = ["camera", "display-capture", "geolocation", "microphone", "payment", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

const HSTS = `max-age=${String(365 * 86_400)}; includeSubDomains`;

/** Tells browsers what an answer may do, whatever is in it. Files have a stricter policy of their own. */
export function protect(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  config: Config,
): void {
  const secure = isSecure(request, config);
  // A page's own origin covers its sockets in some browsers only, so they are named.
  const host = hostOf(request, config) ?? "";
  const socket = /^[\w.:[\]-]+$/.test(host) ? ` ${secure ? "wss" : "ws"}://${host}` : "";
  const policy = path === "/graphql" ? PLAYGROUND : APP;
  response.setHeader(
    "Content-Security-Policy",
    [...policy, `connect-src 'self'${socket}`].join("; "),
  );
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "same-origin");
  response.setHeader("Permissions-Policy", NO_DEVICES);
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  // Answers are about whoever asked. What may be kept, such as files, says so itself.
  if (path === "/graphql") response.setHeader("Cache-Control", "no-store");
  if (secure) response.setHeader("Strict-Transport-Security", HSTS);
}
