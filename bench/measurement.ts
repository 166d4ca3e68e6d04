/** One run of one program at one work. */
export interface Measurement {
  program: string;
  /** By the keys of the work's columns; what a program does not have is missing. */
  figures: Readonly<Record<string, number>>;
  /** Deliveries that came twice, not in order, or not at all. Any of them voids the run. */
  wrong: number;
}

/** A measurement with the work and the round that it was made in. */
export interface Result extends Measurement {
  work: string;
  round: number;
}

export interface Column {
  key: string;
  /** With its unit. */
  title: string;
  digits: number;
}

/** Something to be measured, the same for all programs that do it. */
export interface Work {
  name: string;
  /** What it is and how it is measured, for the report: whole sentences. */
  description: string;
  columns: readonly Column[];
  /** What programs are compared by. Null where Parley is alone. */
  compared: { key: string; better: "more" | "less"; to: string } | null;
  /** One round: all programs in turn, each measured when it is asked for. */
  run(bench: Bench): AsyncIterable<Measurement>;
}

/** What works are done with. */
export interface Bench {
  /** A PostgreSQL with fsync and all migrations, for the whole run. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Which round it is, from 1 on. */
  readonly round: number;
  /** How long what runs for a time is to run. */
  readonly seconds: number;
  /** Arguments of Node that have a server write a CPU profile; none but in a run for that. */
  readonly profiling: readonly string[];
  /** A database of its own with a million messages, filled when it is first asked for. */
  many(): Promise<Many>;
}

/** A database with many messages. */
export interface Many {
  url: string;
  /** Seconds of CPU that the database has used so far. */
  cpuSeconds(): Promise<number>;
  messages: number;
  /** Ids of conversations that have half of the messages between them. */
  conversationIds: readonly string[];
  /** The conversation that has the other half: as many again. */
  largeId: string;
  /** The message in its middle. */
  largeMiddleId: string;
}

/** Of several, the middle one, or half way between the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that this share of them does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
