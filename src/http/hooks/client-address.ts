import type { Server } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Number of 16-bit groups that name the /64 network of an IPv6 address. A client usually controls all 2^64
 * addresses of its /64 network.
 */
const NETWORK_GROUPS = 4;

/**
 * Reads the client's address when a connection opens, and the socket caches the address. Later, the address
 * might be lost, because a client can reset its connection right after its request. A connection that was
 * reset before the server accepted it has no address, and is closed.
 */
export function cacheAddresses(server: Server): void {
  server.on('connection', (socket) => {
    if (socket.remoteAddress === undefined) socket.destroy();
  });
}

/**
 * Converts an IP address to one standard form: without port and brackets, and an IPv4-mapped IPv6 address as
 * IPv4. Proxies send addresses in other forms too. A text that is not an IP address is returned unchanged.
 */
export function addressOf(address: string): string {
  if (!address.includes(':')) return address;
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address);
  if (withPort) return withPort[1] as string;
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address;
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare).toString() : address;
}

/**
 * Returns the key under which the rate limits count the requests of a client: an IPv4 address, the /64
 * network of an IPv6 address, or any other text unchanged. The key is empty for a client that has already
 * disconnected.
 */
export function clientOf(address: string | undefined): string {
  const plain = addressOf(address ?? '');
  if (!ipaddr.IPv6.isValid(plain)) return plain;
  const groups = ipaddr.IPv6.parse(plain)
    .parts.slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16));
  return `${groups.join(':')}::/64`;
}
