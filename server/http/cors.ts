import type { ServerResponse } from "node:http";

/** Message for pages whose origin is not allowed. */
export const FORBIDDEN_ORIGIN = "Pages of this origin may not call this server.";

/** Lets pages of `origin` read the response, and lets them send their cookie and the server's headers. */
export function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader(
    "Access-Control-Allow-Headers",
    "authorization, content-type, range, tus-resumable, upload-offset",
  );
  response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, OPTIONS");
  response.setHeader(
    "Access-Control-Expose-Headers",
    "tus-resumable, upload-offset, upload-length, content-disposition, content-range",
  );
  response.setHeader("Vary", "Origin");
}
