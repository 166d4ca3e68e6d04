import type { ExecutionResult } from "graphql";
import type { Operation } from "./operation.ts";

/** A subscription whose results are read from an iterator, because its root field is not a stream. */
export class Iteration implements Operation {
  readonly id: string;
  before: Operation | null = null;
  #results: AsyncGenerator<ExecutionResult> | null = null;
  #isOver = false;

  constructor(id: string) {
    this.id = id;
  }

  /** Sends the results until the iterator ends or the client cancels. */
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
    // The reader receives the end or the error.
    this.#results?.return(undefined).catch(() => undefined);
  }
}
