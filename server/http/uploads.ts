import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import type { LiveSessions } from "../kernel/viewer.ts";
import type { ReceiveService } from "../domain/upload/receive.service.ts";
import { NotAuthenticatedError, NotFoundError, OverloadedError } from "../kernel/errors.ts";
import { UploadConflictError } from "../domain/upload/upload.errors.ts";
import { isUuid } from "../kernel/ids.ts";
import type { Logger } from "../kernel/logger.ts";
import { sendFailure, sendJson } from "./replies.ts";
import { tokenOf } from "./requests.ts";

/** Version of the resumable upload protocol: https://tus.io/protocols/resumable-upload */
const TUS_VERSION = "1.0.0";
const BODY_TYPE = "application/offset+octet-stream";
/** Time without data after which an upload connection is closed; received bytes are kept. */
const IDLE_MS = 30_000;
/** Maximum number of parallel uploads of one user on one instance. */
const MAX_PER_USER = 6;
const RETRY_AFTER_MS = 2_000;

export interface UploadHandler {
  /** Handles `/files/uploads/<id>` for an allowed origin. */
  handle(request: IncomingMessage, response: ServerResponse, id: string): Promise<void>;
  /** Cuts running uploads and waits until the received bytes are stored. */
  close(): Promise<void>;
}

export interface UploadHandlerOptions {
  config: Config;
  receiving: ReceiveService;
  liveSessions: LiveSessions;
  logger: Logger;
  /** Maximum number of parallel uploads. */
  concurrency: number;
}

/** Creates the handler for upload bytes, by the core protocol of tus. `createUpload` creates the upload. */
export function makeUploadHandler(options: UploadHandlerOptions): UploadHandler {
  const { config, receiving, liveSessions, logger } = options;
  const running = new Map<IncomingMessage, { userId: string; done: Promise<void> }>();
  let stopping = false;

  const viewerOf = async (request: IncomingMessage): Promise<string> => {
    const token = tokenOf(request, config);
    const viewer = token === null ? null : await liveSessions.authenticate(token);
    if (viewer === null) throw new NotAuthenticatedError();
    return viewer.user.id;
  };

  const sendProgress = async (request: IncomingMessage, response: ServerResponse, id: string) => {
    const { offset, size } = await receiving.progress(await viewerOf(request), id);
    response.writeHead(200, {
      "Upload-Offset": offset,
      "Upload-Length": size,
      "Cache-Control": "no-store",
    });
    response.end();
  };

  const receive = async (
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
  ): Promise<void> => {
    const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    const offset = numberOf(request.headers["upload-offset"]);
    if (type !== BODY_TYPE || offset === null) {
      const message = `Send the bytes as ${BODY_TYPE}, with their offset as Upload-Offset.`;
      sendJson(response, type === BODY_TYPE ? 400 : 415, { code: "BAD_REQUEST", message });
      return;
    }
    const userId = await viewerOf(request);
    const own = [...running.values()].filter((other) => other.userId === userId);
    if (stopping || running.size >= options.concurrency || own.length >= MAX_PER_USER) {
      throw new OverloadedError(RETRY_AFTER_MS);
    }
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    running.set(request, { userId, done });
    try {
      const length = numberOf(request.headers["content-length"]);
      const progress = await receiving.receive(userId, id, offset, bytesOf(request), length);
      response.writeHead(204, { "Upload-Offset": progress.offset }).end();
    } finally {
      running.delete(request);
      finish();
    }
  };

  return {
    handle: async (request, response, id) => {
      response.setHeader("Tus-Resumable", TUS_VERSION);
      try {
        const version = request.headers["tus-resumable"];
        if (version !== undefined && version !== TUS_VERSION) {
          response.setHeader("Tus-Version", TUS_VERSION);
          const message = `This server supports tus ${TUS_VERSION} only.`;
          sendJson(response, 412, { code: "BAD_REQUEST", message });
        } else if (!isUuid(id)) throw new NotFoundError("upload");
        else if (request.method === "HEAD") await sendProgress(request, response, id.toLowerCase());
        else if (request.method === "PATCH") await receive(request, response, id.toLowerCase());
        else {
          response.setHeader("Allow", "HEAD, PATCH, OPTIONS");
          const message = "Uploads support HEAD and PATCH only.";
          sendJson(response, 405, { code: "BAD_REQUEST", message });
        }
      } catch (error) {
        // The sender has disconnected and will resume.
        if (request.destroyed && !request.complete) return;
        if (error instanceof UploadConflictError && error.offset !== null)
          response.setHeader("Upload-Offset", error.offset);
        sendFailure(response, error, logger);
      }
    },
    close: async () => {
      stopping = true;
      const waiting = [...running];
      for (const [request] of waiting) if (!request.complete) request.destroy();
      await Promise.all(waiting.map(([, { done }]) => done));
    },
  };
}

/** Yields a body chunk by chunk and reads the next chunk only after the previous one is handled. */
async function* bytesOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const chunks = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const idle = setTimeout(
        () => request.destroy(new Error("The sender stopped sending")),
        IDLE_MS,
      );
      const next = (await chunks.next().finally(() => {
        clearTimeout(idle);
      })) as IteratorResult<Uint8Array>;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Releases the request, so that the rest of a rejected body can be discarded and the connection
    // reused.
    await chunks.return?.();
  }
}

/** Parses a header as a non-negative integer. */
function numberOf(header: string | string[] | undefined): number | null {
  return typeof header === "string" && /^\d{1,15}$/.test(header) ? Number(header) : null;
}
