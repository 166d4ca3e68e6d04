import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import type { LiveSessions } from "../kernel/viewer.ts";
import type { ReceiveService } from "../domain/upload/receive.service.ts";
import {
  NotAuthenticatedError,
  NotFoundError,
  OverloadedError,
  UploadConflictError,
} from "../kernel/errors.ts";
import { isUuid } from "../kernel/ids.ts";
import type { Logger } from "../kernel/logger.ts";
import { sendFailure, sendJson } from "./replies.ts";
import { tokenOf } from "./requests.ts";

/** The version of the resumable upload protocol: https://tus.io/protocols/resumable-upload */
const TUS_VERSION = "1.0.0";
const BODY_TYPE = "application/offset+octet-stream";
/** How long a sender may send nothing before its connection is closed; what has come stays. */
const IDLE_MS = 30_000;
/** Files that one person may send to one instance at once. */
const PER_PERSON = 6;
const RETRY_AFTER_MS = 2_000;

export interface UploadHandler {
  /** Answers a request for `/files/uploads/<id>`, whose origin is one of ours. */
  handle(request: IncomingMessage, response: ServerResponse, id: string): Promise<void>;
  /** Cuts what is being received, and waits until what has come is stored. */
  close(): Promise<void>;
}

export interface UploadHandlerOptions {
  config: Config;
  receiving: ReceiveService;
  liveSessions: LiveSessions;
  logger: Logger;
  /** Files received at once. */
  concurrency: number;
}

/** The bytes of uploads, by the core protocol of tus; they are announced in the API. */
export function makeUploadHandler(options: UploadHandlerOptions): UploadHandler {
  const { config, receiving, liveSessions, logger } = options;
  const underWay = new Map<IncomingMessage, { userId: string; done: Promise<void> }>();
  let stopping = false;

  const viewerOf = async (request: IncomingMessage): Promise<string> => {
    const token = tokenOf(request, config);
    const viewer = token === null ? null : await liveSessions.authenticate(token);
    if (viewer === null) throw new NotAuthenticatedError();
    return viewer.user.id;
  };

  const tell = async (request: IncomingMessage, response: ServerResponse, id: string) => {
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
      const message = `Send the bytes as ${BODY_TYPE}, with their place as Upload-Offset.`;
      sendJson(response, type === BODY_TYPE ? 400 : 415, { code: "BAD_REQUEST", message });
      return;
    }
    const userId = await viewerOf(request);
    const own = [...underWay.values()].filter((other) => other.userId === userId);
    if (stopping || underWay.size >= options.concurrency || own.length >= PER_PERSON) {
      throw new OverloadedError(RETRY_AFTER_MS);
    }
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    underWay.set(request, { userId, done });
    try {
      const length = numberOf(request.headers["content-length"]);
      const progress = await receiving.receive(userId, id, offset, bytesOf(request), length);
      response.writeHead(204, { "Upload-Offset": progress.offset }).end();
    } finally {
      underWay.delete(request);
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
          const message = `The version of tus that is spoken here is ${TUS_VERSION}.`;
          sendJson(response, 412, { code: "BAD_REQUEST", message });
        } else if (!isUuid(id)) throw new NotFoundError("upload");
        else if (request.method === "HEAD") await tell(request, response, id.toLowerCase());
        else if (request.method === "PATCH") await receive(request, response, id.toLowerCase());
        else {
          response.setHeader("Allow", "HEAD, PATCH, OPTIONS");
          const message = "An upload takes HEAD and PATCH.";
          sendJson(response, 405, { code: "BAD_REQUEST", message });
        }
      } catch (error) {
        // The sender has gone: that is what uploads resume from.
        if (request.destroyed && !request.complete) return;
        if (error instanceof UploadConflictError && error.offset !== null)
          response.setHeader("Upload-Offset", error.offset);
        sendFailure(response, error, logger);
      }
    },
    close: async () => {
      stopping = true;
      const waiting = [...underWay];
      for (const [request] of waiting) if (!request.complete) request.destroy();
      await Promise.all(waiting.map(([, { done }]) => done));
    },
  };
}

/** A body, chunk by chunk, each taken from the network only when the one before is dealt with. */
async function* bytesOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const chunks = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const idle = setTimeout(() => request.destroy(new Error("The sender fell silent")), IDLE_MS);
      const next = (await chunks.next().finally(() => {
        clearTimeout(idle);
      })) as IteratorResult<Uint8Array>;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Lets go of the request, so that what still comes of one that was refused can be thrown away
    // and the connection used again.
    await chunks.return?.();
  }
}

/** A header's value when it is a number from 0 up. */
function numberOf(header: string | string[] | undefined): number | null {
  return typeof header === "string" && /^\d{1,15}$/.test(header) ? Number(header) : null;
}
