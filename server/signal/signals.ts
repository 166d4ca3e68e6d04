import type { Bus } from "../infra/bus/bus.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Log } from "../log/log.ts";
import { makeExchange, type Exchange } from "./exchange.ts";
import type { Signal } from "./signal.ts";
import { makeSignalStreams, type SignalStreams } from "./stream.ts";

/** Transient signals: sent to connected users on every instance, and never stored. */
export interface Signals extends Pick<SignalStreams, "open" | "dispatch" | "has"> {
  /** Messages between instances, for domains that keep current state on every instance. */
  readonly exchange: Pick<Exchange, "instanceId" | "publish" | "on" | "onReconnect">;
  /**
   * Sends a signal to the streams of this and every other instance.
   *
   * @param subject id of its subject, such as a conversation's id
   */
  publish(subject: string, signal: Signal): void;
  counts(): { signals: number };
  start(): Promise<void>;
  stop(): void;
}

export interface SignalsOptions {
  bus: Bus;
  log: Log;
  logger: Logger;
  instanceId: string;
}

interface PublishedSignal {
  subject: string;
  signal: Signal;
}

const SIGNAL_KIND = "told";

export function makeSignals({ bus, log, logger, instanceId }: SignalsOptions): Signals {
  const exchange = makeExchange({ bus, instanceId, logger });
  const streams = makeSignalStreams({ topicAccess: log.topicAccess, logger });
  exchange.on<PublishedSignal>(SIGNAL_KIND, ({ subject, signal }) => {
    streams.dispatch(subject, signal);
  });
  exchange.onReconnect(streams.resendState);
  log.observe((event) => {
    for (const [userId, topic] of event.authority?.revoke ?? []) streams.endRevoked(userId, topic);
  });
  return {
    open: streams.open,
    dispatch: streams.dispatch,
    has: streams.has,
    exchange,
    publish: (subject, signal) => {
      streams.dispatch(subject, signal);
      const published: PublishedSignal = { subject, signal };
      exchange.publish(SIGNAL_KIND, `${subject} ${signal.type} ${signal.about}`, published);
    },
    counts: () => ({ signals: streams.size }),
    start: exchange.start,
    stop: exchange.stop,
  };
}
