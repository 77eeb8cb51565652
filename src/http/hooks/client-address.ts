import type { Server } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Groups of an IPv6 address that name its /64 network. A client usually controls all 2^64 addresses of its /64. */
const NETWORK_GROUPS = 4;

/**
 * Reads the address of each connection at its start, because a client may reset the connection right after its request.
 * The socket caches the address. A connection that was reset before it was accepted has no address, and is closed.
 */
export function cacheAddresses(server: Server): void {
  server.on('connection', (socket) => {
    if (socket.remoteAddress === undefined) socket.destroy();
  });
}

/**
 * Returns the address of a request in one form, however a proxy writes it: without a port, and an IPv4-mapped IPv6 address
 * as IPv4. A text that is not an address is returned as it is.
 */
export function addressOf(address: string): string {
  if (!address.includes(':')) return address;
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address);
  if (withPort) return withPort[1] as string;
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address;
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare).toString() : address;
}

/**
 * Returns the key by which requests of one client are counted: an IPv4 address, the /64 of an IPv6 address, or any other
 * text as it is. It is empty for a client that has already disconnected.
 */
export function clientOf(address: string | undefined): string {
  const plain = addressOf(address ?? '');
  if (!ipaddr.IPv6.isValid(plain)) return plain;
  const groups = ipaddr.IPv6.parse(plain)
    .parts.slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16));
  return `${groups.join(':')}::/64`;
}
