import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import type { ExportService } from "../domain/account/export.service.ts";
import { RetryableError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { isTransient } from "../log/transient-error.ts";
import { addressOf, deviceOf } from "./requests.ts";

export const EXPORT_PATH = "/export/";

/** Answers `GET /export/TICKET` with a person's own data. */
export type ExportHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** How long a client may take nothing of what is sent, in milliseconds. */
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
    // Not even HEAD: what looks at links must not use the ticket up.
    if (request.method !== "GET") {
      refuse(response, 405, "Fetch it with GET.", { Allow: "GET" });
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
        refuse(response, 404, "This ticket is unknown, used or too old. Ask for another.");
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
        // Cut, so that nobody takes it for the whole.
        response.destroy();
        const reason = error instanceof Error ? error.message : String(error);
        logger.info({ reason }, "An export was not fetched to its end");
      } else if (error instanceof RetryableError) {
        const seconds = String(Math.ceil(error.retryAfterMs / 1000));
        refuse(response, 503, error.message, { "Retry-After": seconds });
      } else {
        const isAway = isTransient(error);
        if (!isAway) logger.error({ err: error }, "An export failed unexpectedly");
        refuse(response, isAway ? 503 : 500, "It cannot be fetched right now. Try again.");
      }
    }
  };
}

/** Resolves when there is room for more; rejects when the client is gone or takes nothing. */
async function send(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed) throw new Error("The client is gone");
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
      settle(new Error("The client is gone"));
    };
    const timer = setTimeout(() => {
      settle(new Error("The client takes nothing"));
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
