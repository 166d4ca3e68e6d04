import type { Violation } from "./checker.ts";
import type { Entry } from "./history.ts";

/** Recovery times after one kind of fault, in milliseconds. */
export interface HealTimes {
  /** The fault's name; `all` for all rounds. */
  name: string;
  /** Rounds with this fault only. */
  alone: readonly number[];
  /** Rounds with other faults, too. */
  mixed: readonly number[];
}

/** Collects the recovery times of each fault, and of all. */
export function healTimes(entries: readonly Entry[]): HealTimes[] {
  const times = new Map<string, { alone: number[]; mixed: number[] }>();
  for (const entry of entries) {
    if (entry.kind !== "healed") continue;
    for (const name of [...entry.faults, "all"]) {
      const of = times.get(name) ?? { alone: [], mixed: [] };
      times.set(name, of);
      (entry.faults.length === 1 ? of.alone : of.mixed).push(entry.took);
    }
  }
  return [...times]
    .map(([name, of]) => ({ name, ...of }))
    .toSorted((a, b) => Number(a.name === "all") - Number(b.name === "all"));
}

/** Returns a percentile of the values; NaN if there are none. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** Formats the times as a table. */
export function healTable(heals: readonly HealTimes[]): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(34) : cell.padStart(8))).join("");
  const shown = (value: number): string => (Number.isNaN(value) ? "–" : String(value));
  const row = ({ name, alone, mixed }: HealTimes): string => {
    const all = [...alone, ...mixed];
    const figures = [percentile(all, 0.5), percentile(all, 0.95), percentile(all, 1)];
    const best = [percentile(alone, 0.5), percentile(alone, 1)];
    return line([name, String(all.length), ...[...figures, ...best].map(shown)]);
  };
  const head = line(["time to heal, ms", "rounds", "p50", "p95", "max", "alone", "max"]);
  return [head, ...heals.map(row)].join("\n");
}

/** Counts failed attempts by action and reason. */
export function failureList(entries: readonly Entry[]): string {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== "failed") continue;
    const what = `${entry.action}: ${entry.code}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const list = [...counts].toSorted(([, a], [, b]) => b - a);
  return list.map(([what, count]) => `${what} ${count}`).join(", ");
}

/** Formats each violated rule with its first examples. */
export function violationList(violations: readonly Violation[], examples = 5): string {
  return [...grouped(violations)]
    .map(([rule, list]) => {
      const first = list.slice(0, examples).map(({ what }) => `  ${what}`);
      return [`${rule}: ${list.length}`, ...first].join("\n");
    })
    .join("\n");
}

function grouped(violations: readonly Violation[]): Map<string, Violation[]> {
  const groups = new Map<string, Violation[]>();
  for (const violation of violations)
    groups.set(violation.rule, [...(groups.get(violation.rule) ?? []), violation]);
  return groups;
}
