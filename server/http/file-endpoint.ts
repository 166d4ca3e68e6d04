import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import { allowOrigin, FORBIDDEN_ORIGIN } from "./cors.ts";
import type { DownloadHandler } from "./downloads.ts";
import { sendJson } from "./replies.ts";
import { isAllowedOrigin } from "./requests.ts";
import type { UploadHandler } from "./uploads.ts";

export const FILES_PATH = "/files/";
export const UPLOADS_PATH = "/files/uploads/";
/** How long a browser caches the response to a preflight, in seconds. */
const PREFLIGHT_MAX_AGE = 7_200;

/** Handles a request below `/files/`. */
export type FileEndpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => void;

export interface FileEndpointOptions {
  config: Config;
  uploads: UploadHandler;
  downloads: DownloadHandler;
}

export function makeFileEndpoint({
  config,
  uploads,
  downloads,
}: FileEndpointOptions): FileEndpoint {
  return (request, response, path) => {
    const { origin } = request.headers;
    if (!isAllowedOrigin(request, config)) {
      sendJson(response, 403, { code: "FORBIDDEN_ORIGIN", message: FORBIDDEN_ORIGIN });
      return;
    }
    if (origin !== undefined) allowOrigin(response, origin);
    const url = parseUrl(request.url ?? "/");
    if (request.method === "OPTIONS")
      response.writeHead(204, { "Access-Control-Max-Age": PREFLIGHT_MAX_AGE }).end();
    else if (url === null) sendJson(response, 404, { code: "NOT_FOUND", message: "Not found" });
    else if (path.startsWith(UPLOADS_PATH)) {
      void uploads.handle(request, response, path.slice(UPLOADS_PATH.length));
    } else void downloads.handle(request, response, url);
  };
}

function parseUrl(path: string): URL | null {
  return URL.canParse(path, "http://parley") ? new URL(path, "http://parley") : null;
}
