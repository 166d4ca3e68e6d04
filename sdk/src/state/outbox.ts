import { backoffMs, type BackoffOptions } from "../backoff.ts";
import { makeClientId } from "../client-id.ts";
import { isRetryable, ParleyError } from "../errors.ts";
import { makeListeners } from "./listeners.ts";
import type { OutboxItem } from "./outbox-item.ts";
import type { OutboxStorage } from "./outbox-storage.ts";

/** What to send. */
export type OutboxDraft = Pick<OutboxItem, "conversationId" | "body" | "replyToId">;

export interface OutboxOptions<Message> {
  /** Sends a message with the item's `clientId`; rejects when that failed. */
  send(item: OutboxItem): Promise<Message>;
  /** Called once for each item that was sent, unless {@link Outbox.settle} was first. */
  onSent?: ((message: Message, item: OutboxItem) => void) | undefined;
  /** Default: nothing survives the page. */
  storage?: OutboxStorage | undefined;
  /** A storage that fails is not in the way of sending; it is told here. */
  onStorageError?: ((error: unknown) => void) | undefined;
  /** Waits before the next try after a failure that may pass, in milliseconds. */
  backoff?: BackoffOptions | undefined;
  /** The time in milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** Messages on their way out, sent in order within each conversation, each at most once. */
export interface Outbox {
  /** In the order of queueing. */
  readonly items: readonly OutboxItem[];
  /** Takes over what a storage still holds; resolves when sending it has begun. */
  restore(): Promise<void>;
  /** Queues a message and begins to send it. */
  enqueue(draft: OutboxDraft): OutboxItem;
  /** Tries a failed one again, in its old place, with its old `clientId`. */
  retry(clientId: string): void;
  /**
   * Forgets an item.
   *
   * @returns false when it is being sent just now or unknown, and so cannot be taken back
   */
  discard(clientId: string): boolean;
  /** Tells that the message has arrived in another way, such as by an event of the stream. */
  settle(clientId: string): void;
  /** Tries at once whatever waits for its next try; call it when the connection is back. */
  flush(): void;
  /** Begins no further send. Items stay in the storage. */
  stop(): void;
  /** Calls the listener after each change; the returned function ends that. */
  subscribe: (listener: () => void) => () => void;
}

const defaultBackoff: BackoffOptions = { baseMs: 500, capMs: 15_000 };

/** Makes an outbox; call {@link Outbox.restore} to take over what an earlier one left. */
export function makeOutbox<Message>(options: OutboxOptions<Message>): Outbox {
  const { storage, backoff = defaultBackoff, now = Date.now } = options;
  const listeners = makeListeners();
  /** Invariant: sorted by `order`. */
  let items: readonly OutboxItem[] = [];
  /** Conversations that wait for their next try. */
  const waits = new Map<string, ReturnType<typeof setTimeout>>();
  let stopped = false;
  let lastOrder = 0;

  function find(clientId: string): OutboxItem | undefined {
    return items.find((item) => item.clientId === clientId);
  }

  async function stored(action: () => Promise<void> | void): Promise<void> {
    try {
      await action();
    } catch (error) {
      options.onStorageError?.(error);
    }
  }

  /** Puts an item in the place of its older version; answers false when that is gone. */
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
    void stored(() => storage?.remove(clientId));
    listeners.notify();
    return true;
  }

  /** Sends the first item of a conversation that has not failed, unless one is under way. */
  function pump(conversationId: string): void {
    if (stopped || waits.has(conversationId)) return;
    const lane = items.filter((item) => item.conversationId === conversationId);
    if (lane.some((item) => item.state === "sending")) return;
    const first = lane.find((item) => item.state === "queued");
    if (first === undefined) return;
    const sending: OutboxItem = { ...first, state: "sending" };
    replace(sending);
    void attempt(sending).then(() => pump(conversationId));
  }

  async function attempt(item: OutboxItem): Promise<void> {
    // Stored before it is sent: a page that dies in between sends it again, not never.
    await stored(() => storage?.put({ ...item, state: "queued" }));
    try {
      const message = await options.send(item);
      // Gone means that an event settled it before the answer came.
      if (remove(item.clientId)) options.onSent?.(message, item);
    } catch (error) {
      failed(item, error);
    }
  }

  function failed(item: OutboxItem, error: unknown): void {
    const attempts = item.attempts + 1;
    const retryable = isRetryable(error);
    const next: OutboxItem = {
      ...item,
      attempts,
      state: retryable ? "queued" : "failed",
      error: describe(error),
    };
    if (!replace(next)) return;
    void stored(() => storage?.put(next));
    if (retryable) wait(item.conversationId, delay(attempts, error));
  }

  function delay(attempts: number, error: unknown): number {
    const asked = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(backoffMs(attempts, backoff), asked);
  }

  function wait(conversationId: string, ms: number): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      waits.delete(conversationId);
      pump(conversationId);
    }, ms);
    waits.set(conversationId, timer);
  }

  function pumpAll(): void {
    for (const id of new Set(items.map((item) => item.conversationId))) pump(id);
  }

  function clearWaits(): void {
    for (const timer of waits.values()) clearTimeout(timer);
    waits.clear();
  }

  return {
    get items() {
      return items;
    },
    async restore() {
      if (storage === undefined) return;
      await stored(async () => {
        const found = await storage.read();
        const fresh = found.filter((item) => find(item.clientId) === undefined);
        // Whoever was sending it is gone, so it is to be sent again.
        const queued = fresh.map((item): OutboxItem =>
          item.state === "sending" ? { ...item, state: "queued" } : item,
        );
        items = [...items, ...queued].sort((a, b) => a.order - b.order);
        lastOrder = Math.max(lastOrder, items.at(-1)?.order ?? 0);
      });
      listeners.notify();
      pumpAll();
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
      void stored(() => storage?.put(item));
      listeners.notify();
      pump(conversationId);
      return item;
    },
    retry(clientId) {
      const item = find(clientId);
      if (item?.state !== "failed") return;
      replace({ ...item, state: "queued", error: undefined });
      pump(item.conversationId);
    },
    discard(clientId) {
      const item = find(clientId);
      if (item === undefined || item.state === "sending") return false;
      remove(clientId);
      // It may have been what its conversation waited for.
      clearTimeout(waits.get(item.conversationId));
      waits.delete(item.conversationId);
      pump(item.conversationId);
      return true;
    },
    settle(clientId) {
      remove(clientId);
    },
    flush() {
      clearWaits();
      pumpAll();
    },
    stop() {
      stopped = true;
      clearWaits();
    },
    subscribe: listeners.subscribe,
  };
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof ParleyError) return { code: error.code, message: error.message };
  return { code: "UNKNOWN", message: error instanceof Error ? error.message : String(error) };
}
