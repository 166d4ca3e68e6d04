import { existsSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import sirv from "sirv";
import type { Config } from "../config.ts";
import { OverloadedError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { StartupError } from "../kernel/startup-error.ts";
import { RETRY_AFTER_MS, type Admission } from "./admission.ts";
import { protect } from "./browser-policy.ts";
import { EXPORT_PATH, type ExportHandler } from "./export-http.ts";
import type { DownloadHandler } from "./downloads.ts";
import type { GraphQLHandler } from "./graphql-http.ts";
import { makeListener } from "./listener.ts";
import type { MetricsHandler } from "./metrics.ts";
import type { OpenConnections } from "./open-connections.ts";
import { drain, sendJson as send, TOO_MANY_CONNECTIONS } from "./replies.ts";
import { addressOf, EVENT_STREAM, isAllowedOrigin, isSecure, wantsEvents } from "./requests.ts";
import type { UploadHandler } from "./uploads.ts";
import { cutWhenStalled } from "./stalled-streams.ts";
import { refuseUpgrade, type SocketServer } from "./socket/socket-server.ts";

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

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
/** Interval of the check for open connections during shutdown, in milliseconds. */
const LOOK_MS = 20;
/** Interval at which idle connections are closed during shutdown, in milliseconds. */
const SWEEP_MS = 50;
/** Maximum time to receive a request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
const TLS_REQUIRED = "This server requires https and wss.";
const UPLOADS = "/files/uploads/";
const ONE_YEAR_SECONDS = 31_536_000;

export function makeHttpServer(options: HttpServerOptions): HttpServer {
  const { config, graphql, sockets, connections, exports, uploads, downloads, health, metrics } =
    options;
  const { admission, logger } = options;
  let stopping = false;
  /** Responses that may be event streams, which have no natural end. */
  const eventStreams = new Set<ServerResponse>();
  const assets = existsSync(config.webDir)
    ? sirv(config.webDir, {
        single: true,
        // Requests for these paths do not expect a page of the app and might take it for a valid
        // response.
        ignores: [/\/\./, /^\/health/],
        etag: true,
        // Vite puts a hash of the content into the file names below assets/.
        setHeaders: (response, path) => {
          const forever = path.startsWith("/assets/");
          response.setHeader(
            "Cache-Control",
            forever ? `public, max-age=${String(ONE_YEAR_SECONDS)}, immutable` : "no-cache",
          );
        },
      })
    : null;

  const route = (request: IncomingMessage, response: ServerResponse): void => {
    // A client with a persistent connection must reconnect, and then reaches another instance.
    if (stopping) response.setHeader("Connection", "close");
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    protect(request, response, path, config);
    // File uploads may take longer; the upload handler watches their sender.
    if (!path.startsWith(UPLOADS)) limitTime(request);
    if (isInsecureRequest(request, path))
      send(response, 403, graphqlError("TLS_REQUIRED", TLS_REQUIRED));
    else if (path === "/graphql") answerGraphQL(request, response);
    else if (path.startsWith(EXPORT_PATH)) void exports(request, response);
    else if (path.startsWith("/files/")) answerFile(request, response, path);
    else if (path === "/health/live") send(response, 200, { status: "live" });
    else if (path === "/health/ready") void answerReady(response);
    else if (path === "/metrics") metrics(request, response);
    else if (assets !== null && (request.method === "GET" || request.method === "HEAD")) {
      assets(request, response, () => {
        send(response, 404, { message: "Not found" });
      });
    } else send(response, 404, { message: "Not found. The API is at /graphql." });
  };

  /** Whether TLS is required and missing. Health checks of neighbouring programs are exempt. */
  const isInsecureRequest = (request: IncomingMessage, path: string): boolean =>
    config.REQUIRE_TLS && !isSecure(request, config) && !path.startsWith("/health/");

  const answerGraphQL = (request: IncomingMessage, response: ServerResponse): void => {
    const { origin } = request.headers;
    if (!isAllowedOrigin(request, config)) {
      send(
        response,
        403,
        graphqlError("FORBIDDEN_ORIGIN", "Pages of this origin may not call this server."),
      );
      return;
    }
    if (origin !== undefined) allow(response, origin);
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    // Any page may send form and plain-text posts without a preflight; such a request must do nothing.
    const type = request.headers["content-type"] ?? "";
    if (request.method === "POST" && !JSON_TYPE.test(type)) {
      send(
        response,
        415,
        graphqlError("UNSUPPORTED_MEDIA_TYPE", "Send the operation as application/json."),
      );
      return;
    }
    // Yoga matches the content type case-sensitively.
    if (request.method === "POST") request.headers["content-type"] = "application/json";
    if (wantsEvents(request)) {
      const address = addressOf(request, config);
      if (!connections.addresses.add(address)) {
        send(response, 429, graphqlError("TOO_MANY_CONNECTIONS", TOO_MANY_CONNECTIONS));
        return;
      }
      eventStreams.add(response);
      cutWhenStalled(response);
      response.once("close", () => {
        eventStreams.delete(response);
        connections.addresses.remove(address);
      });
    } else {
      const leave = admission.enter();
      if (leave === null) {
        turnAway(response);
        return;
      }
      response.once("close", leave);
    }
    void graphql(request, response);
  };

  const answerFile = (request: IncomingMessage, response: ServerResponse, path: string): void => {
    const { origin } = request.headers;
    if (!isAllowedOrigin(request, config)) {
      const message = "Pages of this origin may not call this server.";
      send(response, 403, { code: "FORBIDDEN_ORIGIN", message });
      return;
    }
    if (origin !== undefined) allow(response, origin);
    const url = parsed(request.url ?? "/");
    if (request.method === "OPTIONS")
      response.writeHead(204, { "Access-Control-Max-Age": 7_200 }).end();
    else if (url === null) send(response, 404, { code: "NOT_FOUND", message: "Not found" });
    else if (path.startsWith(UPLOADS)) {
      void uploads.handle(request, response, path.slice(UPLOADS.length));
    } else void downloads.handle(request, response, url);
  };

  const answerReady = async (response: ServerResponse): Promise<void> => {
    if (stopping) {
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
  };

  const { server, release } = makeListener({ config, logger, listener: route });
  server.on("upgrade", (request, socket, head) => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    if (path !== "/graphql") refuseUpgrade(socket, "404 Not Found");
    else if (isInsecureRequest(request, path)) refuseUpgrade(socket, "403 Forbidden");
    else sockets.upgrade(request, socket, head);
  });

  return {
    listen: () => listen(server, config),
    close: async (patienceMs) => {
      stopping = true;
      release();
      await drained(server, sockets, config.DRAIN_SECONDS * 1_000);
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeIdleConnections();
      await Promise.all([sockets.close(Math.min(patienceMs, 2_000)), uploads.close()]);
      // Destroyed rather than completed: the subscription is not over, so clients reconnect.
      for (const response of eventStreams) {
        const type = response.getHeader("content-type");
        if (typeof type === "string" && type.startsWith(EVENT_STREAM)) response.destroy();
      }
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
    },
  };
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

function allow(response: ServerResponse, origin: string): void {
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

function graphqlError(code: string, message: string, more: object = {}): object {
  return { errors: [{ message, extensions: { code, ...more } }] };
}

/** Rejects a request because of overload, without reading it. */
function turnAway(response: ServerResponse): void {
  const { code, message, retryAfterMs } = new OverloadedError(RETRY_AFTER_MS);
  response.setHeader("Retry-After", Math.ceil(retryAfterMs / 1_000));
  drain(response.req);
  send(response, 503, graphqlError(code, message, { retryAfterMs }));
}

/**
 * Waits for keep-alive connections to drain. Each gets time for one more request, whose response closes
 * it; closing it earlier could drop an arriving request.
 */
async function drained(server: Server, sockets: SocketServer, limitMs: number): Promise<void> {
  const until = Date.now() + limitMs;
  const connections = promisify(server.getConnections.bind(server));
  while (Date.now() < until && (await connections()) > sockets.size)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

function parsed(path: string): URL | null {
  return URL.canParse(path, "http://parley") ? new URL(path, "http://parley") : null;
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
