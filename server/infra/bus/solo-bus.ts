import type { Bus } from "./bus.ts";

/** The bus of an instance that is alone: there is nobody to tell. */
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
