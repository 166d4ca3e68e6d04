import { goalsOf } from "./goals.ts";
import type { Column, Result, Work } from "./measurement.ts";
import { Medians } from "./medians.ts";

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Formats the results as Markdown: the goals, then a table for each workload. */
export function report(
  works: readonly Work[],
  results: readonly Result[],
  machine: readonly string[],
  command: string,
  notes: readonly string[] = [],
): string {
  const medians = new Medians(results);
  const lines = [
    "# Results",
    "",
    "Medians over the rounds of one run, in which all programs take turns. Database, server and load client",
    "share one machine, which may be noisy, so only the ratio is meaningful: the median of the rounds' ratios.",
    "A ratio above 1 is in Parley's favour. A run with a lost, duplicate or disordered message is void.",
    "",
    ...machine,
    `Command: \`${command}\`.`,
    ...notes,
    "",
    ...goalsOf(medians),
  ];
  for (const work of works) {
    const own = results.filter((result) => result.work === work.name);
    if (own.length === 0) continue;
    lines.push("", `## ${work.name}`, "", work.description, "", ...tableOf(work, own, medians));
  }
  return `${lines.join("\n")}\n`;
}

function tableOf(work: Work, results: readonly Result[], medians: Medians): string[] {
  const { columns, compared, name } = work;
  const voids = results.some(({ wrong }) => wrong > 0);
  const titles = ["program", ...columns.map(({ title }) => title)];
  if (compared !== null) titles.push("Parley's ratio");
  if (voids) titles.push("void runs");
  const lines = [row(titles), row(titles.map((_title, index) => (index === 0 ? "---" : "---:")))];
  for (const program of new Set(results.map((result) => result.program))) {
    const cells = columns.map((column) => show(medians.of(name, program, column.key), column));
    if (compared !== null) {
      const { key, better, to } = compared;
      const ratio =
        better === "more"
          ? medians.ratio(name, key, to, program)
          : medians.ratio(name, key, program, to);
      cells.push(program === to || Number.isNaN(ratio) ? "" : ratio.toFixed(2));
    }
    if (voids) {
      const own = results.filter((result) => result.program === program && result.wrong > 0);
      cells.push(String(own.length));
    }
    lines.push(row([program, ...cells]));
  }
  return lines;
}

const show = (value: number, { digits }: Column): string =>
  Number.isNaN(value)
    ? ""
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
