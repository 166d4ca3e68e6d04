import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendJson } from "./replies.ts";

/** A current value; a counter only increases. */
export interface Metric {
  name: string;
  help: string;
  kind: "gauge" | "counter";
  value: number;
}

export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => void;

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
/**
 * Host names under which a program on this machine calls the server. Any other name may be a page in a
 * browser.
 */
const OWN_NAME = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

export interface MetricsHandlerOptions {
  /** Token that `Authorization: Bearer` must carry. */
  token: string | undefined;
  read: () => readonly Metric[];
}

/**
 * Creates the handler for Prometheus metrics of this instance:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 *
 * Metrics reveal how busy the server is, so they require the token. Without a token, only programs on the
 * same machine may read them, neither through a proxy nor from a page whose host name resolves to this
 * machine.
 */
export function makeMetricsHandler({ token, read }: MetricsHandlerOptions): MetricsHandler {
  const isAllowedReader = (request: IncomingMessage): boolean => {
    const { headers, socket } = request;
    if (token !== undefined) return isSame(headers.authorization ?? "", `Bearer ${token}`);
    const isDirect = headers["x-forwarded-for"] === undefined && headers.forwarded === undefined;
    const isByOwnName = OWN_NAME.test(headers.host ?? "");
    return isDirect && isByOwnName && LOOPBACK.has(socket.remoteAddress ?? "");
  };
  return (request, response) => {
    // Returns 404, so that strangers do not learn that metrics exist.
    if (!isAllowedReader(request)) sendJson(response, 404, { message: "Not found" });
    else {
      response.writeHead(200, { "Content-Type": CONTENT_TYPE, "Cache-Control": "no-store" });
      response.end([...read(), ...ofProcess()].map(formatMetric).join(""));
    }
  };
}

function ofProcess(): Metric[] {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    gauge("process_resident_memory_bytes", "Resident memory of the process.", rss),
    gauge("nodejs_heap_used_bytes", "JavaScript heap in use.", heapUsed),
    gauge("nodejs_external_memory_bytes", "Memory of buffers.", external),
    counter("process_cpu_seconds_total", "Processor time used.", (user + system) / 1_000_000),
    gauge("process_uptime_seconds", "Time since the start.", process.uptime()),
  ];
}

export function gauge(name: string, help: string, value: number): Metric {
  return { name, help, kind: "gauge", value };
}

export function counter(name: string, help: string, value: number): Metric {
  return { name, help, kind: "counter", value };
}

function formatMetric({ name, help, kind, value }: Metric): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${name} ${String(value)}\n`;
}

/** Compares two texts in constant time. */
function isSame(one: string, other: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}
