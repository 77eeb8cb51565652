import { readFile } from 'node:fs/promises';

/**
 * Top-level domains that do not exist on the public internet, and that private networks use: RFC 6761, RFC 6762,
 * RFC 8375, ICANN's reservation of `internal`, and names that networks have used for a long time.
 */
const INTERNAL_DOMAINS = [
  ...['internal', 'local', 'localdomain', 'localhost', 'home.arpa', 'lan', 'home', 'corp', 'intranet'],
  ...['private', 'consul', 'svc'],
];

/**
 * Returns whether a name belongs to a private network, whether it exists or not: it has no dot, or it is below one
 * of `INTERNAL_DOMAINS` or of `searchDomains`.
 */
export function isInternalName(name: string, searchDomains: readonly string[]): boolean {
  const bare = name.toLowerCase().replace(/\.$/, '');
  if (!bare.includes('.')) return true;
  return [...INTERNAL_DOMAINS, ...searchDomains].some(
    (domain) => bare === domain || bare.endsWith(`.${domain}`),
  );
}

/** Returns the search domains of this machine, which are the domains of its own network: resolv.conf(5). */
export async function searchDomainsOf(file = '/etc/resolv.conf'): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => /^(search|domain)\s/.test(line))
    .flatMap((line) => line.trim().split(/\s+/).slice(1))
    .map((domain) => domain.toLowerCase().replace(/^\.|\.$/g, ''))
    .filter((domain) => domain !== '');
}
