/** One run of one program with one workload. */
export interface Measurement {
  program: string;
  /** By the keys of the workload's columns; unavailable figures are absent. */
  figures: Readonly<Record<string, number>>;
  /** Duplicate, disordered and missing deliveries. Any of them voids the run. */
  wrong: number;
}

/** A measurement with its workload and round. */
export interface Result extends Measurement {
  work: string;
  round: number;
}

export interface Column {
  key: string;
  /** Including its unit. */
  title: string;
  digits: number;
}

/** A workload, equal for all its programs. */
export interface Work {
  name: string;
  /** Description of the workload and its measurement for the report: whole sentences. */
  description: string;
  columns: readonly Column[];
  /** The figure by which programs are compared. Null if Parley is alone. */
  compared: { key: string; better: "more" | "less"; to: string } | null;
  /** One round: all programs in turn, each measured when it is requested. */
  run(bench: Bench): AsyncIterable<Measurement>;
}

/** The environment of workloads. */
export interface Bench {
  /** A PostgreSQL with fsync and all migrations, for the whole run. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** The round, from 1 on. */
  readonly round: number;
  /** Duration of timed workloads. */
  readonly seconds: number;
  /** Node arguments that make a server write a CPU profile; empty outside profiling runs. */
  readonly profiling: readonly string[];
  /** A separate database with a million messages, filled on first use. */
  many(): Promise<Many>;
}

/** A database with many messages. */
export interface Many {
  url: string;
  /** CPU seconds used by the database since its start. */
  cpuSeconds(): Promise<number>;
  messages: number;
  /** Ids of conversations that together hold half of the messages. */
  conversationIds: readonly string[];
  /** The conversation with the other half. */
  largeId: string;
  /** Its middle message. */
  largeMiddleId: string;
}

/** Returns the median, the mean of the middle two for an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Returns a quantile; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
