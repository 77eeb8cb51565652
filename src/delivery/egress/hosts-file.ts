import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';

/** What every machine calls itself, whether its hosts file says so or not: RFC 6761, section 6.3. */
const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The addresses of each name in a hosts file, as hosts(5) describes it: an address, then its names. */
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

/** The addresses that this machine gives to `name` by itself; null where a name server is to be asked. */
export function localAddresses(
  hosts: ReadonlyMap<string, LookupAddress[]>,
  name: string,
): readonly LookupAddress[] | null {
  return hosts.get(name) ?? (/(^|\.)localhost$/.test(name) ? LOOPBACK : null);
}
