import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';

/**
 * Addresses of `localhost`, and of each name that ends with `.localhost`, unless the hosts file lists the
 * name: RFC 6761, section 6.3.
 */
const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Returns the addresses of each name in a hosts file. Each line of the file is an address and its names:
 * hosts(5).
 */
export function parseHosts(text: string): Map<string, LookupAddress[]> {
  const hosts = new Map<string, LookupAddress[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const name of names) {
      const known = hosts.get(name.toLowerCase()) ?? [];
      hosts.set(name.toLowerCase(), [...known, { address, family }]);
    }
  }
  return hosts;
}

/**
 * Returns the addresses of `name` by the hosts file, or by the rule for `localhost`. `null`: the name is in
 * neither, and a name server must be asked.
 */
export function localAddresses(
  hosts: ReadonlyMap<string, LookupAddress[]>,
  name: string,
): readonly LookupAddress[] | null {
  return hosts.get(name) ?? (/(^|\.)localhost$/.test(name) ? LOOPBACK : null);
}
