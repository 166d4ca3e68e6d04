import type { LoadResult } from "./load.ts";
import { WORKS } from "./works.ts";

/** One run of one program. */
export interface Measured extends LoadResult {
  work: string;
  peer: string;
  /** Seconds of CPU that the server used, all its instances together. */
  cpu: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The results as Markdown: medians over the rounds, and each peer as a ratio to Parley. */
export function report(measured: readonly Measured[], machine: string, command: string): string {
  const lines = [
    "# Results",
    "",
    "Medians over the rounds of one run in which all take turns; database, server and load client share the",
    "machine, which may be noisy. What counts is the ratio: Parley's figure divided by the peer's. Parley",
    "stores, orders and authorizes every message. Socket.IO, as its documentation builds a chat with",
    "PostgreSQL and the Redis adapter, stores; so do the stock parts of GraphQL (graphql-yoga, graphql-ws,",
    "Prisma, graphql-redis-subscriptions); the bare `ws` server only sends one ready string to everyone.",
    "",
    `Machine: ${machine}. Command: \`${command}\`.`,
    "",
  ];
  for (const { name, description } of WORKS) {
    const runs = measured.filter((run) => run.work === name);
    if (runs.length > 0) lines.push(`## ${name}`, "", `${description}.`, "", ...table(runs), "");
  }
  return lines.join("\n");
}

function table(runs: readonly Measured[]): string[] {
  const valid = runs.filter((run) => run.wrong === 0);
  const of = (peer: string, figure: (run: Measured) => number): number =>
    median(valid.filter((run) => run.peer === peer).map(figure));
  const rate = (run: Measured): number => run.delivered / run.seconds;
  const cost = (run: Measured): number => (run.cpu / run.delivered) * 1e6;
  const isPaced = runs.some((run) => run.last50 !== null);
  const head = [
    "program",
    "deliveries/s",
    "Parley's ratio",
    "sends/s",
    "acknowledged p50, p99 ms",
    ...(isPaced ? ["last member's receipt p50, p99 ms"] : []),
    "server CPU per delivery, µs",
    "void runs",
  ];
  const lines = [row(head), row(head.map(() => "---"))];
  for (const peer of new Set(runs.map((run) => run.peer))) {
    const pair = (a: (run: Measured) => number, b: (run: Measured) => number): string =>
      `${of(peer, a).toFixed(1)}, ${of(peer, b).toFixed(1)}`;
    lines.push(
      row([
        peer,
        of(peer, rate).toFixed(0),
        (of("parley", rate) / of(peer, rate)).toFixed(2),
        of(peer, (run) => run.sent / run.seconds).toFixed(0),
        pair(
          (run) => run.p50,
          (run) => run.p99,
        ),
        ...(isPaced
          ? [
              pair(
                (run) => run.last50 ?? 0,
                (run) => run.last99 ?? 0,
              ),
            ]
          : []),
        of(peer, cost).toFixed(2),
        String(runs.filter((run) => run.peer === peer && run.wrong > 0).length),
      ]),
    );
  }
  return lines;
}
