import type { Bus } from "./bus.ts";

/** The bus of a single instance; it has no receivers. */
export function makeSoloBus(): Bus {
  return {
    publish: () => undefined,
    subscribe: () => Promise.resolve(),
    healthy: true,
    interruptions: 0,
    outages: 0,
    shared: false,
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
