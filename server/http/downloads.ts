import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import type { LiveSessions } from "../kernel/viewer.ts";
import {
  VARIANTS,
  type Download,
  type DownloadService,
  type Link,
} from "../domain/upload/download.service.ts";
import { NotAuthenticatedError, NotFoundError } from "../kernel/errors.ts";
import { isUuid } from "../kernel/ids.ts";
import type { Logger } from "../kernel/logger.ts";
import { sendFailure, sendJson } from "./replies.ts";
import { tokenOf } from "./requests.ts";

export interface DownloadHandler {
  /** Handles `/files/<id>/<variant>` for an allowed origin. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

export interface DownloadHandlerOptions {
  config: Config;
  downloads: DownloadService;
  liveSessions: LiveSessions;
  logger: Logger;
}

/** A browser that opens a file runs nothing in it and loads nothing for it. */
const FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
/** Media types that browsers play or save but never run. */
const MEDIA_TYPE = /^(?:audio|video)\/[\w.+-]+$/;
/** Time after which the server closes a connection whose reader takes nothing. */
const IDLE_MS = 60_000;

/** Creates the handler that serves files to users who may see them at that moment. */
export function makeDownloadHandler(options: DownloadHandlerOptions): DownloadHandler {
  const { config, downloads, liveSessions, logger } = options;

  const open = async (request: IncomingMessage, url: URL): Promise<[Download, Link]> => {
    const link = linkOf(url);
    if (link === null) throw new NotFoundError("file");
    const token = tokenOf(request, config);
    const viewer = token === null ? null : await liveSessions.authenticate(token);
    if (viewer === null) throw new NotAuthenticatedError();
    return [await downloads.open(viewer.user.id, link), link];
  };

  const serve = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const [file, { id, variant }] = await open(request, url);
    const etag = `"${id}-${variant}"`;
    describe(response, file, etag);
    if (request.headers["if-none-match"]?.split(/, */).includes(etag) === true) {
      response.writeHead(304).end();
      return;
    }
    const range = rangeOf(request, file.size, etag);
    if (range === "none") {
      response.writeHead(416, { "Content-Range": `bytes */${String(file.size)}` }).end();
      return;
    }
    const [from, to] = range ?? [0, file.size];
    response.setHeader("Content-Length", to - from);
    if (range !== null) {
      response.setHeader(
        "Content-Range",
        `bytes ${String(from)}-${String(to - 1)}/${String(file.size)}`,
      );
    }
    const status = range === null ? 200 : 206;
    if (request.method === "HEAD") {
      response.writeHead(status).end();
      return;
    }
    response.setTimeout(IDLE_MS, () => response.destroy());
    for await (const piece of file.read(from, to)) {
      if (response.destroyed) return;
      if (!response.headersSent) response.writeHead(status);
      if (!response.write(piece)) await drained(response);
    }
    response.end();
  };

  return {
    handle: async (request, response, url) => {
      response.setHeader("Content-Security-Policy", FILE_POLICY);
      try {
        if (request.method === "GET" || request.method === "HEAD") {
          await serve(request, response, url);
          return;
        }
        response.setHeader("Allow", "GET, HEAD, OPTIONS");
        sendJson(response, 405, {
          code: "BAD_REQUEST",
          message: "Files support GET and HEAD only.",
        });
      } catch (error) {
        for (const name of ["Content-Length", "Content-Range", "Content-Disposition", "ETag"])
          if (!response.headersSent) response.removeHeader(name);
        sendFailure(response, error, logger);
      }
    },
  };
}

/** Resolves when the response has room, or when the reader has disconnected. */
async function drained(response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort();
  };
  response.once("close", leave);
  try {
    await once(response, "drain", { signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    response.off("close", leave);
  }
}

function describe(response: ServerResponse, file: Download, etag: string): void {
  const { isSafe, mediaType } = file;
  const type = isSafe || MEDIA_TYPE.test(mediaType) ? mediaType : "application/octet-stream";
  response.setHeader("Content-Type", type);
  response.setHeader(
    "Content-Disposition",
    contentDisposition(isSafe ? "inline" : "attachment", file.name),
  );
  response.setHeader("ETag", etag);
  response.setHeader("Accept-Ranges", "bytes");
  // The content of a file never changes, but access does, so shared caches must not store it.
  response.setHeader("Cache-Control", `private, max-age=${String(file.maxAge)}, immutable`);
  if (!response.hasHeader("Access-Control-Allow-Origin"))
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
}

/**
 * Builds the header of RFC 6266 for a well-formed name: a plain name for old browsers and the full one
 * encoded by RFC 8187.
 */
export function contentDisposition(kind: "inline" | "attachment", name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7E]|["\\%]/gu, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function linkOf({ pathname, searchParams }: URL): Link | null {
  const [, , id = "", name = "", ...rest] = pathname.split("/");
  const variant = VARIANTS.find((known) => known === name);
  if (!isUuid(id) || variant === undefined || rest.length > 0) return null;
  const expires = searchParams.get("expires") ?? "";
  const signature = searchParams.get("signature") ?? "";
  return {
    id: id.toLowerCase(),
    variant,
    expires: /^\d{1,12}$/.test(expires) ? Number(expires) : 0,
    signature,
  };
}

/**
 * Parses the requested range, with an exclusive end; null for the whole file, "none" if the range is not
 * satisfiable. Several ranges return the whole file, as RFC 9110 allows.
 */
function rangeOf(
  request: IncomingMessage,
  size: number,
  etag: string,
): [from: number, to: number] | null | "none" {
  const condition = request.headers["if-range"];
  if (condition !== undefined && condition !== etag) return null;
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(request.headers.range ?? "");
  const [, first = "", last = ""] = parts ?? [];
  if (parts === null || (first === "" && last === "")) return null;
  const [from, to] =
    first === ""
      ? [Math.max(0, size - Number(last)), size]
      : [Number(first), last === "" ? size : Math.min(size, Number(last) + 1)];
  return from < to ? [from, to] : "none";
}
