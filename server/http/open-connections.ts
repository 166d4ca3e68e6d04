import { networkOf } from "../kernel/network.ts";

/** How many of something there are for each key. */
export interface Counts {
  /** Counts one more; false, and not counted, when there are as many as there may be. */
  add(key: string): boolean;
  /** Counts one less. To be called once for each that was counted. */
  remove(key: string): void;
}

/** How many connections stay open for one address and one account: WebSockets and event streams alike. */
export interface OpenConnections {
  /** By IPv4 address or IPv6 /64, whatever address of it is named. */
  readonly addresses: Counts;
  /** By the person's id. */
  readonly accounts: Counts;
}

export interface OpenConnectionsOptions {
  /** Most connections of one IPv4 address or IPv6 /64; 0 for no limit. */
  perAddress: number;
  /** Most connections of one user; 0 for no limit. */
  perAccount: number;
}

/**
 * Counts what this instance holds open.
 */
export function makeOpenConnections({
  perAddress,
  perAccount,
}: OpenConnectionsOptions): OpenConnections {
  const networks = makeCounts(perAddress);
  return {
    addresses: {
      add: (address) => networks.add(networkOf(address)),
      remove: (address) => {
        networks.remove(networkOf(address));
      },
    },
    accounts: makeCounts(perAccount),
  };
}

function makeCounts(limit: number): Counts {
  const counts = new Map<string, number>();
  return {
    add: (key) => {
      if (limit === 0) return true;
      const count = counts.get(key) ?? 0;
      if (count >= limit) return false;
      counts.set(key, count + 1);
      return true;
    },
    remove: (key) => {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    },
  };
}
