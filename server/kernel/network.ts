import { isIPv4, isIPv6 } from "node:net";

const GROUPS = 8;
/**
 * Groups of an IPv6 address that identify a network: 64 bits, the smallest range that a customer
 * receives.
 */
const NETWORK_GROUPS = 4;

/**
 * Returns the key under which limits count an address: an IPv4 address itself, or the /64 of an IPv6
 * address, because one customer controls all of it (RFC 6177). IPv4-mapped IPv6 addresses count as IPv4.
 * Other texts count unchanged.
 */
export function networkOf(address: string): string {
  const text = address.trim().toLowerCase().replace(/%.*$/, "");
  if (!isIPv6(text)) return text;
  const mapped = /^::ffff:(.+)$/.exec(text)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  // A dotted tail replaces the last two groups, which do not belong to the network.
  const [head = "", tail] = text.replace(/\d+\.\d+\.\d+\.\d+$/, "0:0").split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: GROUPS - front.length - back.length }, () => "0");
  const groups = [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16));
  return `${groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}
