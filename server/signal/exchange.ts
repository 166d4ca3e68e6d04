import type { Bus } from "../infra/bus/bus.ts";
import type { Logger } from "../kernel/logger.ts";
import { reviveDates } from "../kernel/json.ts";

const CHANNEL = "parley:signal";
/** How often the bus is looked at, in milliseconds. */
const WATCH_MS = 250;

/** What instances tell each other, and nobody stores. Anything may be lost with the bus. */
export interface Exchange {
  /** Tells this instance from others. */
  readonly instanceId: string;
  /** Tells the other instances. Of what is told under one key in a turn of the event loop, the last goes. */
  publish(kind: string, key: string, data: unknown): void;
  /** Calls `listener` with what other instances publish, and which of them. Dates are dates again. */
  on<T>(kind: string, listener: (data: T, from: string) => void): void;
  /** Calls `listener` when the bus works again after an outage, in which anything may have been missed. */
  onReturn(listener: () => void): void;
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

/** All publications of one turn of the event loop leave as one, and are parsed once. */
export function makeExchange({ bus, instanceId, logger }: ExchangeOptions): Exchange {
  const listeners = new Map<string, (data: never, from: string) => void>();
  const returns: (() => void)[] = [];
  let waiting = new Map<string, [kind: string, data: unknown]>();
  let timer: NodeJS.Timeout | undefined;
  /** Looks in a row that found the bus at work: the first may come before all is subscribed again. */
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
      // A newer instance may already tell what this one does not know.
      for (const [kind, data] of items) listeners.get(kind)?.(data as never, from);
    } catch (error) {
      logger.error({ err: error }, "Unreadable signals came over the bus");
    }
  };
  const watch = (): void => {
    if (!bus.healthy || bus.interruptions !== interruptions) {
      // It may have been away and come back between two looks.
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
      // Taken out first, so that it stands where the newest does.
      waiting.delete(whole);
      waiting.set(whole, [kind, data]);
    },
    on: (kind, listener) => {
      listeners.set(kind, listener);
    },
    onReturn: (listener) => {
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
