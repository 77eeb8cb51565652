import ipaddr from 'ipaddr.js';

/** Groups of an IPv6 address that name its network: whoever has one address has all 2^64 of its /64. */
const NETWORK_GROUPS = 4;

/**
 * What requests of one client have in common: an IPv4 address, or the /64 of an IPv6 one. An IPv4 address within IPv6
 * is the IPv4 address, and some proxies tell a port with it. What is no address stands for itself; of a client that is
 * gone already there is none.
 */
export function clientOf(address: string | undefined): string {
  if (!address?.includes(':')) return address ?? '';
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address);
  if (withPort) return withPort[1] as string;
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address;
  if (!ipaddr.IPv6.isValid(bare)) return address;
  const parsed = ipaddr.IPv6.parse(bare);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const groups = parsed.parts.slice(0, NETWORK_GROUPS).map((group) => group.toString(16));
  return `${groups.join(':')}::/64`;
}
