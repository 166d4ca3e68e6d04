import type { Medians } from "./medians.ts";

interface Goal {
  text: string;
  bound: "at least" | "at most";
  goal: number;
  unit: string;
  measured(medians: Medians): number;
}

/** Parley's figure as a multiple of the peer's. */
const times =
  (work: string, key: string, peer: string, program = "parley") =>
  (medians: Medians): number =>
    medians.ratio(work, key, program, peer);
const figure =
  (work: string, key: string, program = "parley") =>
  (medians: Medians): number =>
    medians.of(work, program, key);

const atLeast = (text: string, goal: number, measured: Goal["measured"], unit = "×"): Goal => ({
  text,
  bound: "at least",
  goal,
  unit,
  measured,
});
const atMost = (text: string, goal: number, measured: Goal["measured"], unit = "×"): Goal => ({
  text,
  bound: "at most",
  goal,
  unit,
  measured,
});

const GOALS: readonly Goal[] = [
  atLeast(
    "`room200`: deliveries/s against Socket.IO as documented",
    7,
    times("room200", "deliveries", "socket-io"),
  ),
  atLeast("`room200`: against stock Yoga", 20, times("room200", "deliveries", "yoga")),
  atLeast(
    "`room200`: against ejabberd with its archive",
    15,
    times("room200", "deliveries", "ejabberd"),
  ),
  atLeast(
    "`room200-bursts`: against bare `ws` with a ready string",
    3.5,
    times("room200-bursts", "deliveries", "bare-ws"),
  ),
  atLeast(
    "`room200-one`: one event at a time against bare `ws`, by server CPU per delivery",
    1,
    (medians) => medians.ratio("room200-one", "cpu", "bare-ws", "parley"),
  ),
  atMost("`wide`: server CPU per delivery at 1,000 members", 2, figure("wide", "cpu"), "µs"),
  atLeast(
    "`small`: sends/s against Socket.IO as documented",
    6,
    times("small", "sends", "socket-io"),
  ),
  atLeast("`small`: against a tuned Socket.IO", 2.5, times("small", "sends", "socket-io-tuned")),
  atLeast(
    "`small`: against plain one-row INSERTs by 50 clients",
    1,
    times("small", "sends", "inserts"),
  ),
  atLeast(
    "`append`: the append alone against the INSERTs",
    1.3,
    times("append", "sends", "inserts"),
  ),
  atLeast(
    "`append`: from two processes in parallel",
    1.3,
    times("append", "sends", "inserts, two processes", "parley, two processes"),
  ),
  atMost("`paced`: last member's receipt, p50", 5, figure("paced", "last50"), "ms"),
  atMost("`paced`: p99", 25, figure("paced", "last99"), "ms"),
  atMost("`paced`: p50 against Socket.IO", 1, times("paced", "last50", "socket-io")),
  atMost("`paced`: p99 against Socket.IO", 1, times("paced", "last99", "socket-io")),
  atLeast(
    "two instances: deliveries per second of server CPU against one instance (`room200`)",
    0.8,
    (medians) =>
      medians.of("room200", "parley", "cpu") / medians.of("room200-two", "parley", "cpu"),
  ),
  atLeast(
    "two instances: the same for `small`",
    0.8,
    (medians) => medians.of("small", "parley", "cpu") / medians.of("small-two", "parley", "cpu"),
  ),
  atMost(
    "`paced-two`: p50 across instances above p50 within one",
    3,
    (medians) =>
      medians.of("paced-two", "parley", "far") - medians.of("paced-two", "parley", "near"),
    "ms",
  ),
  atMost(
    "`idle`: memory of a subscription against a bare `ws` connection",
    1.6,
    times("idle", "heap", "bare-ws"),
  ),
  atMost("`resume`: until all 1,000 are current", 2, figure("resume", "all"), "s"),
  atMost(
    "`resume`: p99 of live traffic during against before",
    2,
    (medians) =>
      medians.of("resume", "parley", "during99") / medians.of("resume", "parley", "before99"),
  ),
  atMost(
    "`stalled`: p99 of others while 1,000 stop reading against before",
    2,
    (medians) =>
      medians.of("stalled", "parley", "during99") / medians.of("stalled", "parley", "before99"),
  ),
  atMost(
    "`stalled`: memory that the server holds for a client that stops reading",
    1.1,
    figure("stalled", "largest"),
    "MiB",
  ),
  atMost("`history`: a page at any depth against the newest", 1.5, (medians) =>
    Math.max(
      ...["middle", "oldest"].map((depth) => medians.ratio("history", "p50", depth, "newest")),
    ),
  ),
  atMost(
    "`history`: server time of the slowest page's median",
    6,
    (medians) =>
      Math.max(
        ...["newest", "middle", "oldest"].map((depth) => medians.of("history", depth, "p50")),
      ),
    "ms",
  ),
  atMost(
    "`boot`: SQL statements",
    12,
    figure("boot", "statements", "parley, first page of 100"),
    "",
  ),
  atMost("`boot`: server time", 30, figure("boot", "p50", "parley, first page of 100"), "ms"),
  atMost("`boot`: gzipped", 30, figure("boot", "gzipped", "parley, first page of 100"), "KiB"),
  atMost(
    "`search`: p95 for ordinary words",
    50,
    (medians) =>
      Math.max(
        ...[1, 20, 500].map((rooms) =>
          medians.of("search", `ordinary word, ${String(rooms)} rooms`, "p95"),
        ),
      ),
    "ms",
  ),
  atMost(
    "`start`: warm, with the embedded PostgreSQL",
    3,
    figure("start", "seconds", "embedded, warm"),
    "s",
  ),
  atMost(
    "`start`: with an external database",
    1.5,
    figure("start", "seconds", "external database"),
    "s",
  ),
];

/** A table of the goals with measurements. */
export function goalsOf(medians: Medians): string[] {
  const lines = ["| goal | wanted | measured | |", "| --- | ---: | ---: | --- |"];
  for (const { text, bound, goal, unit, measured } of GOALS) {
    const value = measured(medians);
    if (!Number.isFinite(value)) continue;
    const isMet = bound === "at least" ? value >= goal : value <= goal;
    const digits = value < 10 ? 2 : 1;
    lines.push(
      `| ${text} | ${bound} ${goal} ${unit} | ${value.toFixed(digits)} ${unit} | ${isMet ? "met" : "missed"} |`,
    );
  }
  return lines;
}
