/** Tells the server which messages have reached this device. */
export interface Deliveries {
  /** A message has arrived. */
  arrived(conversationId: string, seq: number): void;
  stop(): void;
}

/** At most one request in this time, in milliseconds, however many messages arrive. */
const PAUSE_MS = 1_000;
/** Most conversations that one request may name. */
const AT_ONCE = 100;

/**
 * Collects what arrives and tells it in batches: the furthest message of each conversation. What could
 * not be told is told with the next ones.
 *
 * @param send tells the server; rejects when it did not arrive
 */
export function makeDeliveries(
  send: (marks: { conversationId: string; seq: number }[]) => Promise<unknown>,
): Deliveries {
  const waiting = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const keep = (conversationId: string, seq: number): void => {
    waiting.set(conversationId, Math.max(seq, waiting.get(conversationId) ?? 0));
  };
  const tell = async (): Promise<void> => {
    const marks = [...waiting].slice(0, AT_ONCE).map(([conversationId, seq]) => ({
      conversationId,
      seq,
    }));
    for (const { conversationId } of marks) waiting.delete(conversationId);
    try {
      await send(marks);
      timer = undefined;
      if (waiting.size > 0) schedule();
    } catch {
      timer = undefined;
      for (const { conversationId, seq } of marks) keep(conversationId, seq);
    }
  };
  const schedule = (): void => {
    if (stopped) return;
    timer ??= setTimeout(() => void tell(), PAUSE_MS);
  };

  return {
    arrived: (conversationId, seq) => {
      keep(conversationId, seq);
      schedule();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
