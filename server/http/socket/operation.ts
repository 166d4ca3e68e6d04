/** What a client has asked for over its socket and has not been told all of yet. */
export interface Operation {
  /** As the client named it. */
  readonly id: string;
  /** The one that was asked for before it on the same socket. */
  before: Operation | null;
  /** Ends it without a word: the client wants no more, or is gone. May be called again. */
  cancel(): void;
}

/** A query or a mutation. It is executed to its end, whoever still waits for the answer. */
export class Execution implements Operation {
  readonly id: string;
  before: Operation | null = null;

  constructor(id: string) {
    this.id = id;
  }

  cancel(): void {
    // What has begun to be written must not be left half done.
  }
}

/**
 * The operations of one socket, chained to each other: most sockets have one for hours, and there are very
 * many sockets.
 */
export class Operations {
  #latest: Operation | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(id: string): Operation | null {
    let operation = this.#latest;
    while (operation !== null && operation.id !== id) operation = operation.before;
    return operation;
  }

  has(operation: Operation): boolean {
    return this.find(operation.id) === operation;
  }

  add(operation: Operation): void {
    operation.before = this.#latest;
    this.#latest = operation;
    this.#size += 1;
  }

  /** Takes it out; answers whether it was there. */
  remove(operation: Operation): boolean {
    let after: Operation | null = null;
    let current = this.#latest;
    while (current !== null && current !== operation) {
      after = current;
      current = current.before;
    }
    if (current === null) return false;
    if (after === null) this.#latest = current.before;
    else after.before = current.before;
    current.before = null;
    this.#size -= 1;
    return true;
  }

  /** Ends all of them without a word. */
  cancelAll(): void {
    while (this.#latest !== null) {
      const operation = this.#latest;
      this.remove(operation);
      operation.cancel();
    }
  }
}
