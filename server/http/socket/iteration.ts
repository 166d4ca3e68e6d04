import type { ExecutionResult } from "graphql";
import type { Operation } from "./operation.ts";

/** A subscription whose answers are read one after the other: one that is no stream by itself. */
export class Iteration implements Operation {
  readonly id: string;
  before: Operation | null = null;
  #results: AsyncGenerator<ExecutionResult> | null = null;
  #isOver = false;

  constructor(id: string) {
    this.id = id;
  }

  /** Hands on what comes, until it ends or nobody wants it any more. */
  async read(
    results: AsyncGenerator<ExecutionResult>,
    take: (result: ExecutionResult) => void,
  ): Promise<void> {
    this.#results = results;
    if (this.#isOver) await results.return(undefined);
    else for await (const result of results) take(result);
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Whoever reads sees the end of it, or how it failed.
    this.#results?.return(undefined).catch(() => undefined);
  }
}
