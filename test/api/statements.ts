import pg from "pg";
import { LIVENESS_QUERY } from "../../server/infra/database/watch.ts";
import { onRelease } from "../kit/resources.ts";

/** The statements that this process has sent to PostgreSQL. */
export interface StatementCount {
  readonly texts: readonly string[];
  /** The same with their parameters. */
  readonly calls: readonly { text: string; values: readonly unknown[] }[];
  clear(): void;
}

/** Counts from now on, below node-postgres's pool and Prisma. For instances in this process. */
export function countStatements(): StatementCount {
  const texts: string[] = [];
  const calls: { text: string; values: readonly unknown[] }[] = [];
  const prototype: { query: (...args: never[]) => unknown } = pg.Client.prototype;
  const original = prototype.query;
  prototype.query = function (this: pg.Client, ...args: never[]): unknown {
    const [first, second] = args as unknown as [
      string | { text?: string; values?: unknown[] },
      unknown,
    ];
    const text = typeof first === "string" ? first : (first.text ?? "");
    const values = typeof first === "string" ? second : (first.values ?? second);
    if (text !== LIVENESS_QUERY) {
      texts.push(text);
      calls.push({ text, values: Array.isArray(values) ? values : [] });
    }
    return original.apply(this, args);
  };
  onRelease(() => {
    prototype.query = original;
  });
  return {
    texts,
    calls,
    clear: () => {
      texts.length = 0;
      calls.length = 0;
    },
  };
}
