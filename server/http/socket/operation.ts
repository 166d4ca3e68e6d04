/** A running operation of a socket. */
export interface Operation {
  /** The id that the client chose. */
  readonly id: string;
  /** The operation started before it on the same socket. */
  before: Operation | null;
  /** Ends the operation silently, because the client cancelled it or disconnected. Idempotent. */
  cancel(): void;
}

/** A query or a mutation. It runs to its end even if the client cancels it. */
export class Execution implements Operation {
  readonly id: string;
  before: Operation | null = null;

  constructor(id: string) {
    this.id = id;
  }

  cancel(): void {
    // A running operation is not aborted: its writes must be complete.
  }
}

/**
 * The operations of one socket as a linked list: there are very many sockets, and most have one operation
 * for hours.
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

  /** Removes an operation and returns whether it was present. */
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

  /** Cancels all operations silently. */
  cancelAll(): void {
    while (this.#latest !== null) {
      const operation = this.#latest;
      this.remove(operation);
      operation.cancel();
    }
  }
}
