import { stat, readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import { createSecureContext } from "node:tls";
import type { Config } from "../config.ts";
import type { Logger } from "../kernel/logger.ts";
import { StartupError } from "../kernel/startup-error.ts";

/** Interval at which the certificate files are checked, in milliseconds. */
const RELOAD_INTERVAL_MS = 1_000;

interface Listener {
  server: Server;
  /** Stops checking the certificate files. */
  release: () => void;
}

interface Pair {
  cert: string;
  key: string;
}

export interface ListenerOptions {
  config: Config;
  logger: Logger;
  listener: RequestListener;
}

/**
 * Creates the listening server, over TLS if a certificate is configured. The certificate is reloaded when
 * its files change; open connections keep the previous one.
 *
 * @throws StartupError if the certificate or its key cannot be used
 */
export function makeListener({ config, logger, listener }: ListenerOptions): Listener {
  const { TLS_CERT, TLS_KEY } = config;
  // Request bodies are timed elsewhere, because files may take longer.
  const times = { requestTimeout: 0, headersTimeout: REQUEST_HEAD_MS };
  if (TLS_CERT === undefined || TLS_KEY === undefined) {
    return { server: createServer(times, listener), release: () => undefined };
  }
  const paths = { cert: TLS_CERT, key: TLS_KEY };
  const server = createSecureServer(
    { ...firstPair(paths), ...times, minVersion: "TLSv1.2" },
    listener,
  );
  return { server, release: renewWhenChanged(server, paths, logger) };
}

/** Maximum time to receive the head of a request, in milliseconds. */
const REQUEST_HEAD_MS = 30_000;

function firstPair(paths: Pair): Pair {
  try {
    const pair = { cert: readFileSync(paths.cert, "utf8"), key: readFileSync(paths.key, "utf8") };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `The certificate at TLS_CERT and the key at TLS_KEY cannot be used: ${reason}.`,
      "Both must be PEM files; the certificate file includes its chain. `npm run certs` creates a pair for development.",
    );
  }
}

function renewWhenChanged(server: SecureServer, paths: Pair, logger: Logger): () => void {
  const stamp = async (): Promise<string> => {
    const files = await Promise.all([stat(paths.cert), stat(paths.key)]);
    return files.map(({ mtimeMs, ino, size }) => [mtimeMs, ino, size].join()).join();
  };
  let known: string | null = null;
  const reloadIfChanged = async (): Promise<void> => {
    const now = await stamp();
    if (now === known) return;
    const isFirst = known === null;
    known = now;
    if (isFirst) return;
    const [cert, key] = await Promise.all([
      readFile(paths.cert, "utf8"),
      readFile(paths.key, "utf8"),
    ]);
    // Throws while only one of the two files has been replaced; the old pair then stays in use.
    server.setSecureContext({ cert, key, minVersion: "TLSv1.2" });
    logger.info("Reloaded the TLS certificate");
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    reloadIfChanged()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        logger.warn(
          { reason },
          "The certificate could not be read again; the old one stays in use",
        );
      })
      .finally(() => {
        looking = false;
      });
  }, RELOAD_INTERVAL_MS);
  timer.unref();
  void reloadIfChanged().catch(() => undefined);
  return () => {
    clearInterval(timer);
  };
}
