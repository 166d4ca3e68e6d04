/** The end of an iterator, as everyone is told who waits for it. */
const OVER: IteratorResult<never, void> = { done: true, value: undefined };

type Next = Promise<IteratorResult<never, void>>;

/**
 * An iterator that yields nothing: it only ends, or fails. Whoever iterates it is parked, for as long as an
 * operation lasts whose values go another way; there is one for each open stream, so it holds little.
 */
export class Parking implements AsyncGenerator<never, void, void> {
  #release: (() => void) | null = null;
  #failure: { error: unknown } | null = null;
  #isOver = false;
  #tell: ((result: IteratorResult<never, void> | Next) => void) | null = null;

  /** Ends it from our side. May be called again. */
  readonly end = (): void => {
    this.#finish();
  };

  /**
   * @param work    what it is there for: fails with it
   * @param release called once at its end
   */
  of(work: Promise<void>, release: () => void): this {
    this.#release = release;
    if (this.#isOver) this.#finish();
    work.catch((error: unknown) => {
      if (this.#isOver) return;
      this.#failure = { error };
      this.#finish();
    });
    return this;
  }

  next(): Next {
    if (this.#isOver) return this.#outcome();
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  return(): Next {
    this.#finish();
    return Promise.resolve(OVER);
  }

  throw(): Next {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #finish(): void {
    this.#isOver = true;
    const release = this.#release;
    this.#release = null;
    release?.();
    const tell = this.#tell;
    this.#tell = null;
    tell?.(this.#outcome());
  }

  /** A failure is told once, as generators do. */
  #outcome(): Next {
    const failure = this.#failure;
    this.#failure = null;
    if (failure === null) return Promise.resolve(OVER);
    const { error } = failure;
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
