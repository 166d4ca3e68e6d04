/** Acknowledges to the server that messages reached this device. */
export interface Deliveries {
  arrived(conversationId: string, seq: number): void;
  stop(): void;
}

/** Minimum time between two requests, in milliseconds. */
const INTERVAL_MS = 1_000;
/** Maximum number of conversations in one request. */
const MAX_CONVERSATIONS = 100;

/**
 * Collects acknowledgements and sends them in batches: the newest message of each conversation.
 * Failed acknowledgements join the next batch.
 *
 * @param send sends a batch to the server; rejects on failure
 */
export function makeDeliveries(
  send: (marks: { conversationId: string; seq: number }[]) => Promise<unknown>,
): Deliveries {
  const pending = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const add = (conversationId: string, seq: number): void => {
    pending.set(conversationId, Math.max(seq, pending.get(conversationId) ?? 0));
  };
  const flush = async (): Promise<void> => {
    const marks = [...pending].slice(0, MAX_CONVERSATIONS).map(([conversationId, seq]) => ({
      conversationId,
      seq,
    }));
    for (const { conversationId } of marks) pending.delete(conversationId);
    try {
      await send(marks);
      timer = undefined;
      if (pending.size > 0) schedule();
    } catch {
      timer = undefined;
      for (const { conversationId, seq } of marks) add(conversationId, seq);
    }
  };
  const schedule = (): void => {
    if (stopped) return;
    timer ??= setTimeout(() => void flush(), INTERVAL_MS);
  };

  return {
    arrived: (conversationId, seq) => {
      add(conversationId, seq);
      schedule();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
