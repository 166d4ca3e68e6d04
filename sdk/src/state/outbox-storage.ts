import type { OutboxItem } from "./outbox-item.ts";

/** Stores unsent messages across page loads. Several windows may share one storage. */
export interface OutboxStorage {
  /** Returns all stored items, in any order. */
  read(): Promise<OutboxItem[]> | OutboxItem[];
  /** Stores an item, or replaces its old version. */
  put(item: OutboxItem): Promise<void> | void;
  /** Removes an item. No effect if it is gone. */
  remove(clientId: string): Promise<void> | void;
}

/** The part of the browser's `Storage` that the outbox uses. */
export interface KeyValueStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Stores an outbox in the browser's `localStorage` or a similar store, one entry per message.
 *
 * @param prefix prefix of the keys; include the user id if several users share a browser
 */
export function makeKeyValueOutboxStorage(storage: KeyValueStorage, prefix: string): OutboxStorage {
  return {
    read() {
      const items: OutboxItem[] = [];
      for (let index = 0; index < storage.length; index += 1) {
        const key = storage.key(index);
        if (key === null || !key.startsWith(prefix)) continue;
        const item = parse(storage.getItem(key));
        if (item !== undefined) items.push(item);
      }
      return items;
    },
    put(item) {
      storage.setItem(prefix + item.clientId, JSON.stringify(item));
    },
    remove(clientId) {
      storage.removeItem(prefix + clientId);
    },
  };
}

/** Other code may write under the same prefix. Entries of another shape are ignored. */
function parse(text: string | null): OutboxItem | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isItem(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isItem(value: unknown): value is OutboxItem {
  if (typeof value !== "object" || value === null) return false;
  const item = value as Partial<Record<keyof OutboxItem, unknown>>;
  return (
    typeof item.clientId === "string" &&
    typeof item.conversationId === "string" &&
    typeof item.body === "string" &&
    typeof item.order === "number" &&
    typeof item.state === "string"
  );
}
