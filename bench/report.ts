import type { LoadResult } from "./load.ts";

/** One run of one program. */
export interface Measured extends LoadResult {
  work: string;
  peer: string;
  /** Seconds of CPU that the server used. */
  cpu: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The results as Markdown: medians over the rounds, and each peer as a ratio to Parley. */
export function report(measured: readonly Measured[], machine: string, command: string): string {
  const lines = [
    "# Results",
    "",
    "Medians over the rounds of one run in which all take turns; database, server and load client share the",
    "machine, which may be noisy. What counts is the ratio: Parley's figure divided by the peer's. Parley",
    "stores, orders and authorizes every message; Socket.IO, as its documentation builds a chat, stores;",
    "the bare `ws` server does neither and only sends one ready string to everyone.",
    "",
    `Machine: ${machine}. Command: \`${command}\`.`,
    "",
  ];
  for (const work of new Set(measured.map((run) => run.work))) {
    const valid = measured.filter((run) => run.work === work && run.wrong === 0);
    const of = (peer: string, figure: (run: Measured) => number): number =>
      median(valid.filter((run) => run.peer === peer).map(figure));
    const rate = (run: Measured): number => run.delivered / run.seconds;
    const cost = (run: Measured): number => (run.cpu / run.delivered) * 1e6;
    lines.push(
      `## ${work}`,
      "",
      "| program | deliveries/s | Parley's ratio | sends/s | acknowledged p50, p99 ms | server CPU per delivery, µs | void runs |",
      "|---|---|---|---|---|---|---|",
    );
    for (const peer of new Set(measured.map((run) => run.peer))) {
      const voided = measured.filter(
        (run) => run.work === work && run.peer === peer && run.wrong > 0,
      ).length;
      lines.push(
        [
          "",
          peer,
          of(peer, rate).toFixed(0),
          (of("parley", rate) / of(peer, rate)).toFixed(2),
          of(peer, (run) => run.sent / run.seconds).toFixed(0),
          `${of(peer, (run) => run.p50).toFixed(1)}, ${of(peer, (run) => run.p99).toFixed(1)}`,
          of(peer, cost).toFixed(2),
          String(voided),
          "",
        ]
          .join(" | ")
          .trim(),
      );
    }
    lines.push("");
  }
  return lines.join("\n");
}
