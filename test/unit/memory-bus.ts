import type { Bus } from "../../server/infra/bus/bus.ts";

/** Connects several instances in this process. */
export class MemoryWires {
  /** The publications, in order. */
  readonly sent: string[] = [];
  up = true;
  #ends: { id: number; listener: (message: string) => void }[] = [];
  #buses = 0;

  /** Returns the bus of one more instance. */
  bus(): Bus {
    const id = (this.#buses += 1);
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- its getter needs both
    const wires = this;
    return {
      publish: (_channel, message) => {
        if (!wires.up) return;
        wires.sent.push(message);
        for (const end of wires.#ends) if (end.id !== id) setImmediate(end.listener, message);
      },
      subscribe: (_channel, listener) => {
        wires.#ends.push({ id, listener });
        return Promise.resolve();
      },
      get healthy() {
        return wires.up;
      },
      interruptions: 0,
      outages: 0,
      shared: true,
      ping: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  /** Disconnects the last instance, as a crash does. */
  cut(): void {
    this.#ends.pop();
  }
}
