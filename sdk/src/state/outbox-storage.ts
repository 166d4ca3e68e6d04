import type { OutboxItem } from "./outbox-item.ts";

/** Where messages survive that are not sent yet. Several windows may share one. */
export interface OutboxStorage {
  read(): Promise<OutboxItem[]> | OutboxItem[];
  put(item: OutboxItem): Promise<void> | void;
  remove(clientId: string): Promise<void> | void;
}

/** The part of the browser's `Storage` that is used. */
export interface KeyValueStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Keeps an outbox in the browser's `localStorage` or something like it, one entry for each message.
 *
 * @param prefix what the keys begin with; name the person in it where several share a browser
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

/** Someone else may have written under our keys; what is no item is left alone. */
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
