import type { Bus } from "../infra/bus/bus.ts";
import type { Logger } from "../kernel/logger.ts";
import { reviveDates } from "../kernel/json.ts";

const CHANNEL = "parley:signal";
/** Interval at which the state of the bus is checked, in milliseconds. */
const WATCH_MS = 250;

/** Transient messages between instances. Nothing is stored, and anything may be lost with the bus. */
export interface Exchange {
  readonly instanceId: string;
  /**
   * Publishes to the other instances. If one event-loop turn publishes the same key several times, only
   * the last value is sent.
   */
  publish(kind: string, key: string, data: unknown): void;
  /**
   * Calls `listener` with the data that other instances publish, and the id of the sender. Dates are
   * restored.
   */
  on<T>(kind: string, listener: (data: T, from: string) => void): void;
  /**
   * Calls `listener` when the bus works again after an outage, during which any message may have been
   * lost.
   */
  onReconnect(listener: () => void): void;
  start(): Promise<void>;
  stop(): void;
}

interface Publication {
  from: string;
  items: [kind: string, data: unknown][];
}

export interface ExchangeOptions {
  bus: Bus;
  instanceId: string;
  logger: Logger;
}

/** Creates an exchange. All publications of one event-loop turn are sent and parsed as one message. */
export function makeExchange({ bus, instanceId, logger }: ExchangeOptions): Exchange {
  const listeners = new Map<string, (data: never, from: string) => void>();
  const returns: (() => void)[] = [];
  let waiting = new Map<string, [kind: string, data: unknown]>();
  let timer: NodeJS.Timeout | undefined;
  /**
   * Consecutive checks that found the bus healthy. The first may precede the resubscription of all
   * channels.
   */
  let healthyLooks = 2;
  let interruptions = 0;

  const flush = (): void => {
    if (waiting.size === 0) return;
    const items = [...waiting.values()];
    waiting = new Map();
    bus.publish(CHANNEL, JSON.stringify({ from: instanceId, items } satisfies Publication));
  };
  const receive = (text: string): void => {
    try {
      const { from, items } = reviveDates(JSON.parse(text)) as Publication;
      // A newer instance may publish kinds that this version does not know.
      for (const [kind, data] of items) listeners.get(kind)?.(data as never, from);
    } catch (error) {
      logger.error({ err: error }, "Received unreadable signals over the bus; they were dropped");
    }
  };
  const watch = (): void => {
    if (!bus.healthy || bus.interruptions !== interruptions) {
      // The bus may have failed and recovered between two checks.
      interruptions = bus.interruptions;
      healthyLooks = 0;
    } else if (healthyLooks < 2) {
      healthyLooks += 1;
      if (healthyLooks === 2) for (const listener of returns) listener();
    }
  };

  return {
    instanceId,
    publish: (kind, key, data) => {
      if (!bus.shared) return;
      if (waiting.size === 0) setImmediate(flush);
      const whole = `${kind} ${key}`;
      // Deleted first, so that the key moves to the end of the map.
      waiting.delete(whole);
      waiting.set(whole, [kind, data]);
    },
    on: (kind, listener) => {
      listeners.set(kind, listener);
    },
    onReconnect: (listener) => {
      returns.push(listener);
    },
    start: async () => {
      if (!bus.shared) return;
      await bus.subscribe(CHANNEL, receive);
      interruptions = bus.interruptions;
      timer = setInterval(watch, WATCH_MS);
      timer.unref();
    },
    stop: () => {
      clearInterval(timer);
      flush();
    },
  };
}
