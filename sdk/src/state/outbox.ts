import { backoffMs, type BackoffOptions } from "../backoff.ts";
import { makeClientId } from "../client-id.ts";
import { isRetryable, ParleyError } from "../errors.ts";
import { makeListeners } from "./listeners.ts";
import type { OutboxItem } from "./outbox-item.ts";
import type { OutboxStorage } from "./outbox-storage.ts";

/** The content of a message to send. */
export type OutboxDraft = Pick<OutboxItem, "conversationId" | "body" | "replyToId">;

export interface OutboxOptions<Message> {
  /** Sends a message with the item's `clientId`. Rejects on failure. */
  send(item: OutboxItem): Promise<Message>;
  /** Called once per sent item, unless {@link Outbox.settle} removed it first. */
  onSent?: ((message: Message, item: OutboxItem) => void) | undefined;
  /** Default: unsent messages are lost when the page closes. */
  storage?: OutboxStorage | undefined;
  /** Called when the storage fails. Sending continues. */
  onStorageError?: ((error: unknown) => void) | undefined;
  /** Delays before the next attempt after a retryable failure. */
  backoff?: BackoffOptions | undefined;
  /** Returns the time in milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** Unsent messages. The outbox sends each at most once, in order within each conversation. */
export interface Outbox {
  /** In the order of queueing. */
  readonly items: readonly OutboxItem[];
  /** Loads the items in the storage and starts to send them. */
  restore(): Promise<void>;
  /** Queues a message and starts to send it. */
  enqueue(draft: OutboxDraft): OutboxItem;
  /** Retries a failed item, at its old place and with its old `clientId`. */
  retry(clientId: string): void;
  /**
   * Removes an item.
   *
   * @returns false if the item is unknown or currently being sent
   */
  discard(clientId: string): boolean;
  /** Removes an item whose message arrived another way, such as through the event stream. */
  settle(clientId: string): void;
  /** Retries all waiting items now. Call it when the connection is restored. */
  flush(): void;
  /** Starts no further sends. Items stay in the storage. */
  stop(): void;
  /** Calls the listener after each change. Returns a function that unsubscribes it. */
  subscribe: (listener: () => void) => () => void;
}

const defaultBackoff: BackoffOptions = { baseMs: 500, capMs: 15_000 };

/** Creates an outbox. Call {@link Outbox.restore} to load the items of an earlier one. */
export function makeOutbox<Message>(options: OutboxOptions<Message>): Outbox {
  const { storage, backoff = defaultBackoff, now = Date.now } = options;
  const listeners = makeListeners();
  /** Invariant: sorted by `order`. */
  let items: readonly OutboxItem[] = [];
  const retryTimers = new Map<string, ReturnType<typeof setTimeout>>();
  let stopped = false;
  let lastOrder = 0;

  function find(clientId: string): OutboxItem | undefined {
    return items.find((item) => item.clientId === clientId);
  }

  async function withStorage(action: () => Promise<void> | void): Promise<void> {
    try {
      await action();
    } catch (error) {
      options.onStorageError?.(error);
    }
  }

  /** Replaces an item with its new version. Returns false if the item is gone. */
  function replace(next: OutboxItem): boolean {
    if (find(next.clientId) === undefined) return false;
    items = items.map((item) => (item.clientId === next.clientId ? next : item));
    listeners.notify();
    return true;
  }

  function remove(clientId: string): boolean {
    const item = find(clientId);
    if (item === undefined) return false;
    items = items.filter((other) => other !== item);
    void withStorage(() => storage?.remove(clientId));
    listeners.notify();
    return true;
  }

  /** Sends a conversation's first queued item, unless another item is being sent. */
  function sendNext(conversationId: string): void {
    if (stopped || retryTimers.has(conversationId)) return;
    const lane = items.filter((item) => item.conversationId === conversationId);
    if (lane.some((item) => item.state === "sending")) return;
    const first = lane.find((item) => item.state === "queued");
    if (first === undefined) return;
    const sending: OutboxItem = { ...first, state: "sending" };
    replace(sending);
    void attempt(sending).then(() => sendNext(conversationId));
  }

  async function attempt(item: OutboxItem): Promise<void> {
    // Stored before the send: if the page dies in between, the next page sends the item again.
    await withStorage(() => storage?.put({ ...item, state: "queued" }));
    try {
      const message = await options.send(item);
      // If an event settled the item first, it is already gone.
      if (remove(item.clientId)) options.onSent?.(message, item);
    } catch (error) {
      onSendFailed(item, error);
    }
  }

  function onSendFailed(item: OutboxItem, error: unknown): void {
    const attempts = item.attempts + 1;
    const retryable = isRetryable(error);
    const next: OutboxItem = {
      ...item,
      attempts,
      state: retryable ? "queued" : "failed",
      error: toItemError(error),
    };
    if (!replace(next)) return;
    void withStorage(() => storage?.put(next));
    if (retryable) scheduleRetry(item.conversationId, delay(attempts, error));
  }

  function delay(attempts: number, error: unknown): number {
    const retryAfterMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(backoffMs(attempts, backoff), retryAfterMs);
  }

  function scheduleRetry(conversationId: string, ms: number): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      retryTimers.delete(conversationId);
      sendNext(conversationId);
    }, ms);
    retryTimers.set(conversationId, timer);
  }

  function sendAll(): void {
    for (const id of new Set(items.map((item) => item.conversationId))) sendNext(id);
  }

  function clearRetryTimers(): void {
    for (const timer of retryTimers.values()) clearTimeout(timer);
    retryTimers.clear();
  }

  return {
    get items() {
      return items;
    },
    async restore() {
      if (storage === undefined) return;
      await withStorage(async () => {
        const found = await storage.read();
        const fresh = found.filter((item) => find(item.clientId) === undefined);
        // The page that was sending it is gone, so send it again.
        const queued = fresh.map((item): OutboxItem =>
          item.state === "sending" ? { ...item, state: "queued" } : item,
        );
        items = [...items, ...queued].sort((a, b) => a.order - b.order);
        lastOrder = Math.max(lastOrder, items.at(-1)?.order ?? 0);
      });
      listeners.notify();
      sendAll();
    },
    enqueue({ conversationId, body, replyToId }) {
      lastOrder = Math.max(lastOrder + 1, now());
      const item: OutboxItem = {
        clientId: makeClientId(),
        conversationId,
        body,
        ...(replyToId === undefined ? {} : { replyToId }),
        order: lastOrder,
        state: "queued",
        attempts: 0,
      };
      items = [...items, item];
      void withStorage(() => storage?.put(item));
      listeners.notify();
      sendNext(conversationId);
      return item;
    },
    retry(clientId) {
      const item = find(clientId);
      if (item?.state !== "failed") return;
      replace({ ...item, state: "queued", error: undefined });
      sendNext(item.conversationId);
    },
    discard(clientId) {
      const item = find(clientId);
      if (item === undefined || item.state === "sending") return false;
      remove(clientId);
      // The conversation may have been waiting to retry this item.
      clearTimeout(retryTimers.get(item.conversationId));
      retryTimers.delete(item.conversationId);
      sendNext(item.conversationId);
      return true;
    },
    settle(clientId) {
      remove(clientId);
    },
    flush() {
      clearRetryTimers();
      sendAll();
    },
    stop() {
      stopped = true;
      clearRetryTimers();
    },
    subscribe: listeners.subscribe,
  };
}

function toItemError(error: unknown): { code: string; message: string } {
  if (error instanceof ParleyError) return { code: error.code, message: error.message };
  return { code: "UNKNOWN", message: error instanceof Error ? error.message : String(error) };
}
