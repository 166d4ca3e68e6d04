import { networkOf } from "../kernel/network.ts";

/** How many connections stay open for one address and one account: WebSockets and event streams alike. */
export interface OpenConnections {
  /**
   * Counts one of an address.
   *
   * @returns what counts it no more, once; null when the address has as many as it may
   */
  ofAddress(address: string): (() => void) | null;
  /** The same of an account. */
  ofAccount(userId: string): (() => void) | null;
}

/**
 * Counts what this instance holds open.
 *
 * @param perAddress most of one IPv4 address or IPv6 /64; 0 for any number
 * @param perAccount most of one person; 0 for any number
 */
export function makeOpenConnections(perAddress: number, perAccount: number): OpenConnections {
  const addresses = makeCounts(perAddress);
  const accounts = makeCounts(perAccount);
  return {
    ofAddress: (address) => addresses(networkOf(address)),
    ofAccount: accounts,
  };
}

function makeCounts(limit: number): (key: string) => (() => void) | null {
  const counts = new Map<string, number>();
  return (key) => {
    if (limit === 0) return () => undefined;
    const count = counts.get(key) ?? 0;
    if (count >= limit) return null;
    counts.set(key, count + 1);
    let counted = true;
    return () => {
      if (!counted) return;
      counted = false;
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    };
  };
}
