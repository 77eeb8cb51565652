import type { Server } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Groups of an IPv6 address that name its network: whoever has one address has all 2^64 of its /64. */
const NETWORK_GROUPS = 4;

/**
 * Notes each connection's address while it can be asked for, so that who sends a request and resets the connection at
 * once is known all the same. A socket keeps what it was asked once; one that was reset before it was accepted has no
 * address, and nobody who waits for an answer.
 */
export function noteAddresses(server: Server): void {
  server.on('connection', (socket) => {
    if (socket.remoteAddress === undefined) socket.destroy();
  });
}

/**
 * The address that a request came from, written in one way whatever the proxy: an IPv4 address within IPv6 is the IPv4
 * address, and a port is left out. What is no address stands for itself.
 */
export function addressOf(address: string): string {
  if (!address.includes(':')) return address;
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address);
  if (withPort) return withPort[1] as string;
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address;
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare).toString() : address;
}

/**
 * What requests of one client have in common: an IPv4 address, or the /64 of an IPv6 one, and else as for `addressOf`.
 * Of a client that is gone already there is none.
 */
export function clientOf(address: string | undefined): string {
  const plain = addressOf(address ?? '');
  if (!ipaddr.IPv6.isValid(plain)) return plain;
  const groups = ipaddr.IPv6.parse(plain)
    .parts.slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16));
  return `${groups.join(':')}::/64`;
}
