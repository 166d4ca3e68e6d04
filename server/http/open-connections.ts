import { networkOf } from "../kernel/network.ts";

/** A counter for each key. */
export interface Counts {
  /** Increments the counter of `key`. Returns false, without counting, if it is at its limit. */
  add(key: string): boolean;
  /** Decrements the counter of `key`. Must be called once for each successful `add`. */
  remove(key: string): void;
}

/** Counts open connections by address and account, both WebSockets and event streams. */
export interface OpenConnections {
  /** By IPv4 address or IPv6 /64. */
  readonly addresses: Counts;
  /** By user id. */
  readonly accounts: Counts;
}

export interface OpenConnectionsOptions {
  /** Maximum number of connections of one IPv4 address or IPv6 /64; 0 for no limit. */
  perAddress: number;
  /** Maximum number of connections of one user; 0 for no limit. */
  perAccount: number;
}

/** Counts the open connections of this instance. */
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
