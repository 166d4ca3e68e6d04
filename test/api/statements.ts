import pg from "pg";
import { onRelease } from "../kit/resources.ts";

/** Statements that this process has sent to PostgreSQL, whoever sent them. */
export interface StatementCount {
  readonly texts: readonly string[];
  clear(): void;
}

/** Counts from now on, below node-postgres's pool and Prisma alike. For instances in this process. */
export function countStatements(): StatementCount {
  const texts: string[] = [];
  const prototype: { query: (...args: never[]) => unknown } = pg.Client.prototype;
  const original = prototype.query;
  prototype.query = function (this: pg.Client, ...args: never[]): unknown {
    const [first] = args as unknown as [string | { text?: string }];
    texts.push(typeof first === "string" ? first : (first.text ?? ""));
    return original.apply(this, args);
  };
  onRelease(() => {
    prototype.query = original;
  });
  return {
    texts,
    clear: () => {
      texts.length = 0;
    },
  };
}
