import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type { Config } from "../config.ts";
import type { Logger } from "../kernel/logger.ts";
import { StartupError } from "../kernel/startup-error.ts";
import type { Admission } from "./admission.ts";
import { protect } from "./browser-policy.ts";
import { EXPORT_PATH, type ExportHandler } from "./export-http.ts";
import type { DownloadHandler } from "./downloads.ts";
import { FILES_PATH, makeFileEndpoint, UPLOADS_PATH } from "./file-endpoint.ts";
import { makeGraphQLEndpoint, type GraphQLEndpoint } from "./graphql-endpoint.ts";
import type { GraphQLHandler } from "./graphql-http.ts";
import { makeListener } from "./listener.ts";
import type { MetricsHandler } from "./metrics.ts";
import type { OpenConnections } from "./open-connections.ts";
import { sendGraphQLError, sendJson as send } from "./replies.ts";
import { isSecure } from "./requests.ts";
import type { UploadHandler } from "./uploads.ts";
import { refuseUpgrade, type SocketServer } from "./socket/socket-server.ts";
import { makeWebApp } from "./web-app.ts";

export interface HealthChecks {
  /** Rejects with the reason while the instance cannot serve. */
  ready(): Promise<void>;
}

export interface HttpServer {
  /**
   * Starts to accept connections.
   *
   * @returns the port
   * @throws StartupError if the port is unavailable
   */
  listen(): Promise<number>;
  /** Stops accepting connections, lets requests finish for up to `patienceMs`, and closes all sockets. */
  close(patienceMs: number): Promise<void>;
}

export interface HttpServerOptions {
  config: Config;
  graphql: GraphQLHandler;
  sockets: SocketServer;
  connections: OpenConnections;
  exports: ExportHandler;
  uploads: UploadHandler;
  downloads: DownloadHandler;
  health: HealthChecks;
  metrics: MetricsHandler;
  admission: Admission;
  logger: Logger;
}

/** Interval of the check for open connections during shutdown, in milliseconds. */
const POLL_MS = 20;
/** Interval at which idle connections are closed during shutdown, in milliseconds. */
const SWEEP_MS = 50;
/** Maximum time to receive a request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Maximum time for the sockets to close during shutdown, in milliseconds. */
const SOCKETS_CLOSE_MS = 2_000;
const TLS_REQUIRED = "This server requires https and wss.";

export function makeHttpServer(options: HttpServerOptions): HttpServer {
  const { config, sockets, uploads, logger } = options;
  const endpoint = makeGraphQLEndpoint(options);
  let isStopping = false;

  const route = makeRouter({ ...options, endpoint, isStopping: () => isStopping });
  const { server, release } = makeListener({ config, logger, listener: route });
  server.on("upgrade", (request, socket, head) => {
    const path = pathOf(request);
    if (path !== "/graphql") refuseUpgrade(socket, "404 Not Found");
    else if (isInsecureRequest(request, path, config)) refuseUpgrade(socket, "403 Forbidden");
    else sockets.upgrade(request, socket, head);
  });

  return {
    listen: () => listen(server, config),
    close: async (patienceMs) => {
      isStopping = true;
      release();
      await drained(server, sockets, config.DRAIN_SECONDS * 1_000);
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeIdleConnections();
      await Promise.all([sockets.close(Math.min(patienceMs, SOCKETS_CLOSE_MS)), uploads.close()]);
      endpoint.destroyEventStreams();
      await closeConnections(server, closed, patienceMs);
    },
  };
}

interface RouterOptions extends HttpServerOptions {
  endpoint: GraphQLEndpoint;
  isStopping: () => boolean;
}

type Router = (request: IncomingMessage, response: ServerResponse) => void;

/** Returns a function that passes each request to the handler of its path. */
function makeRouter(options: RouterOptions): Router {
  const { config, endpoint, exports, health, metrics, isStopping } = options;
  const files = makeFileEndpoint(options);
  const webApp = makeWebApp(config.webDir);

  return (request, response) => {
    // A client with a persistent connection must reconnect, and then reaches another instance.
    if (isStopping()) response.setHeader("Connection", "close");
    const path = pathOf(request);
    protect(request, response, path, config);
    // File uploads may take longer; the upload handler watches their sender.
    if (!path.startsWith(UPLOADS_PATH)) limitTime(request);
    if (isInsecureRequest(request, path, config))
      sendGraphQLError(response, 403, "TLS_REQUIRED", TLS_REQUIRED);
    else if (path === "/graphql") endpoint.handle(request, response);
    else if (path.startsWith(EXPORT_PATH)) void exports(request, response);
    else if (path.startsWith(FILES_PATH)) files(request, response, path);
    else if (path === "/health/live") send(response, 200, { status: "live" });
    else if (path === "/health/ready") void sendReadiness(response, health, isStopping());
    else if (path === "/metrics") metrics(request, response);
    else if (webApp !== null && (request.method === "GET" || request.method === "HEAD")) {
      webApp(request, response, () => {
        send(response, 404, { message: "Not found" });
      });
    } else send(response, 404, { message: "Not found. The API is at /graphql." });
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

/** Whether TLS is required and missing. Health checks of neighbouring programs are exempt. */
function isInsecureRequest(request: IncomingMessage, path: string, config: Config): boolean {
  return config.REQUIRE_TLS && !isSecure(request, config) && !path.startsWith("/health/");
}

async function sendReadiness(
  response: ServerResponse,
  health: HealthChecks,
  isStopping: boolean,
): Promise<void> {
  if (isStopping) {
    send(response, 503, { status: "stopping" });
    return;
  }
  try {
    await health.ready();
    send(response, 200, { status: "ready" });
  } catch (error) {
    send(response, 503, {
      status: "not ready",
      reason: error instanceof Error ? error.message : "unknown",
    });
  }
}

function listen(server: Server, { PORT, HOST }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const inUse = error.code === "EADDRINUSE";
      reject(
        new StartupError(
          inUse
            ? `Port ${String(PORT)} is in use by another program.`
            : `Cannot listen on ${HOST}:${String(PORT)}: ${error.message}.`,
          inUse
            ? `Stop that program, or choose another port: PORT=${String(PORT + 1)} npm start`
            : "Set PORT or HOST to values that this machine allows.",
        ),
      );
    });
    server.listen(PORT, HOST, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/**
 * Waits for keep-alive connections to drain. Each gets time for one more request, whose response closes
 * it; closing it earlier could drop an arriving request.
 */
async function drained(server: Server, sockets: SocketServer, limitMs: number): Promise<void> {
  const until = Date.now() + limitMs;
  const connections = promisify(server.getConnections.bind(server));
  while (Date.now() < until && (await connections()) > sockets.size)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** Resolves when all connections are closed. Cuts those that remain after `patienceMs`. */
async function closeConnections(
  server: Server,
  closed: Promise<void>,
  patienceMs: number,
): Promise<void> {
  // A connection that finished its request stays open for the next one, which must not arrive here.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, SWEEP_MS);
  const late = setTimeout(() => {
    server.closeAllConnections();
  }, patienceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(late);
}

/** Closes the connection of a client that does not send its request in time. */
function limitTime(request: IncomingMessage): void {
  const { headers } = request;
  if (headers["transfer-encoding"] === undefined && !(Number(headers["content-length"]) > 0))
    return;
  const late = setTimeout(() => request.socket.destroy(), REQUEST_TIMEOUT_MS);
  request.once("close", () => {
    clearTimeout(late);
  });
  request.once("end", () => {
    clearTimeout(late);
  });
}
