import { isIPv4, isIPv6 } from "node:net";

const GROUPS = 8;
/** The groups of an IPv6 address that name a network: 64 bits, the least that a customer is given. */
const NETWORK_GROUPS = 4;

/**
 * What to count an address as: itself for IPv4, its /64 for IPv6, of which whoever has one address has
 * all of them (RFC 6177). An IPv4 address in IPv6 clothes counts as IPv4. Anything else counts as it is.
 */
export function networkOf(address: string): string {
  const text = address.trim().toLowerCase().replace(/%.*$/, "");
  if (!isIPv6(text)) return text;
  const mapped = /^::ffff:(.+)$/.exec(text)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  // A dotted tail stands for the last two groups, which are not of the network.
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
