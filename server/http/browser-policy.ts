import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import { hostOf, isSecure } from "./requests.ts";

/** Pages of other sites must not frame Parley, so that they cannot steal clicks of a logged-in user. */
const NO_FRAMES = "frame-ancestors 'none'";

/**
 * The web app loads only from this server. Only Solid's build-time templates create markup;
 * `web/vite.config.ts` makes them the Trusted Types policy `solid`.
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

/** The playground's scripts are inline. It loads from and sends to this server only. */
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

/** Device features that pages may never request. */
const NO_DEVICES = ["camera", "display-capture", "geolocation", "microphone", "payment", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

const HSTS = `max-age=${String(365 * 86_400)}; includeSubDomains`;

/** Sets the security headers of a response. Files have a stricter policy. */
export function protect(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  config: Config,
): void {
  const secure = isSecure(request, config);
  // In some browsers, a page's own origin does not cover WebSockets, so the policy names them.
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
  // Responses depend on the viewer. Cacheable responses, such as files, override this header.
  if (path === "/graphql") response.setHeader("Cache-Control", "no-store");
  if (secure) response.setHeader("Strict-Transport-Security", HSTS);
}
