/** The browser's `Storage`, in memory, as far as the app uses it. */
export class MemoryStorage {
  readonly #values = new Map<string, string>();

  get length(): number {
    return this.#values.size;
  }

  key(index: number): string | null {
    return [...this.#values.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }

  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

function refuse(): never {
  throw new Error("The user has forbidden storage");
}

/** The storage of a browser that forbids storage. */
export const forbiddenStorage = { getItem: refuse, setItem: refuse, removeItem: refuse };
