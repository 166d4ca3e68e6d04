import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import type { ExportService } from "../domain/account/export.service.ts";
import { RetryableError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { isTransient } from "../log/transient-error.ts";
import { addressOf, deviceOf } from "./requests.ts";

export const EXPORT_PATH = "/export/";

/** Handles `GET /export/TICKET`, which returns a user's own data. */
export type ExportHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Time after which the server disconnects a client that reads nothing, in milliseconds. */
const STALL_MS = 30_000;

export interface ExportHandlerOptions {
  config: Config;
  exports: ExportService;
  logger: Logger;
}

export function makeExportHandler({
  config,
  exports,
  logger,
}: ExportHandlerOptions): ExportHandler {
  return async (request, response) => {
    // HEAD is rejected too, so that link previews do not use up the ticket.
    if (request.method !== "GET") {
      refuse(response, 405, "Use GET to download the export.", { Allow: "GET" });
      return;
    }
    const token = (request.url ?? "").slice(EXPORT_PATH.length).split("?", 1)[0] ?? "";
    const origin = {
      address: addressOf(request, config),
      device: deviceOf(request),
    };
    try {
      const writeTo = await exports.redeem(token, origin);
      if (writeTo === null) {
        refuse(response, 404, "This ticket is unknown, used or expired. Request a new one.");
        return;
      }
      response.writeHead(200, {
        "Content-Type": "application/x-ndjson; charset=utf-8",
        "Content-Disposition": 'attachment; filename="parley-export.ndjson"',
        "Cache-Control": "no-store",
      });
      await writeTo((text) => send(response, text));
      response.end();
    } catch (error) {
      if (response.headersSent) {
        // Destroyed rather than ended, so that the client notices that the export is incomplete.
        response.destroy();
        const reason = error instanceof Error ? error.message : String(error);
        logger.info({ reason }, "A client did not download its export to the end");
      } else if (error instanceof RetryableError) {
        const seconds = String(Math.ceil(error.retryAfterMs / 1000));
        refuse(response, 503, error.message, { "Retry-After": seconds });
      } else {
        const isAway = isTransient(error);
        if (!isAway) logger.error({ err: error }, "An export failed unexpectedly");
        refuse(response, isAway ? 503 : 500, "The export is temporarily unavailable. Try again.");
      }
    }
  };
}

/** Resolves when the response has room; rejects if the client disconnected or reads nothing. */
async function send(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed) throw new Error("The client has disconnected");
  if (response.write(text)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      response.off("drain", drained);
      response.off("close", gone);
      if (error === null) resolve();
      else reject(error);
    };
    const drained = (): void => {
      settle(null);
    };
    const gone = (): void => {
      settle(new Error("The client has disconnected"));
    };
    const timer = setTimeout(() => {
      settle(new Error("The client reads nothing"));
    }, STALL_MS);
    response.once("drain", drained);
    response.once("close", gone);
  });
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-store",
      ...headers,
    })
    .end(JSON.stringify({ message }));
}
