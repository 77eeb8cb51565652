import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DnsResolver, lookupBy, type Resolver } from './dns-resolver.ts';
import { type Address, contains, type Network, parseNetworks } from './networks.ts';
import { ORDINARY_PORTS, type PortRule } from './ports.ts';

/** Refusal to connect: to an address that is not on the public internet, to a port, or without TLS. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
}

/** Whoever saves a webhook waits so long for its name, in milliseconds: it is looked at again with each connection. */
const SAVE_LOOKUP_MS = 2_500;

export interface EgressRules {
  /** Left out, all but those of other protocols. */
  readonly ports?: PortRule;
  /** Whether http is refused. */
  readonly httpsOnly?: boolean;
}

/** Where a connection is to lead, as undici names it: the hostname without brackets, no port for the scheme's own. */
export interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

/**
 * Which addresses webhooks may reach: those of the public internet, and the networks that the operator allows.
 * The same policy answers when a URL is saved and when a connection is made; there it is asked about
 * the very address that is connected to.
 */
export class EgressPolicy {
  readonly #allowed: readonly Network[];
  readonly #resolver: Resolver;
  readonly #mayUsePort: PortRule;
  readonly #httpsOnly: boolean;

  /** @param allowed networks in CIDR form that may be reached although they are private; throws on a malformed one */
  constructor(
    allowed: readonly string[],
    resolver: Resolver = new DnsResolver(),
    { ports = ORDINARY_PORTS, httpsOnly = false }: EgressRules = {},
  ) {
    this.#allowed = parseNetworks(allowed);
    this.#resolver = resolver;
    this.#mayUsePort = ports;
    this.#httpsOnly = httpsOnly;
  }

  /** Why `address` may not be reached, in words, or null when it may. */
  refusal(address: string): string | null {
    // A zone says through which interface to go, and nothing of the address.
    const [bare = ''] = address.split('%', 1);
    // `process` takes an IPv4-mapped IPv6 address for the IPv4 address that it stands for.
    const parsed = ipaddr.process(bare);
    if (this.#allowed.some((network) => contains(network, parsed))) return null;
    const kind = kindOf(parsed);
    return kind === null ? null : `the address ${address} is not on the public internet (${kind})`;
  }

  /**
   * Why `url` may not be a webhook's, or null when it may, as far as can be told now.
   * A name that does not resolve today may do so tomorrow, and is looked at again with each connection.
   */
  async urlRefusal(url: URL): Promise<string | null> {
    const refusal = this.#refusalUnresolved(url);
    if (refusal !== null || literalAddress(url.hostname) !== null) return refusal;
    const ofName = this.#refusalOfAny(await this.#addressesNow(url.hostname));
    return ofName === null ? null : `${url.hostname} can't be used: ${ofName}`;
  }

  /** Throws `EgressError` where no connection may be made, as far as `target` tells without resolving its name. */
  check(target: Target): void {
    const refusal = this.#refusalUnresolved(target);
    if (refusal !== null) throw new EgressError(refusal);
  }

  /**
   * The addresses that `hostname` is or has, all of which may be reached; else it rejects, with `EgressError` or
   * `NameError`. A name with any address that may not be reached is refused whole: it would otherwise depend on
   * the order of the answers what is connected to.
   */
  async vetted(hostname: string): Promise<readonly LookupAddress[]> {
    const family = isIP(hostname);
    const addresses = family === 0 ? await this.#resolver.resolve(hostname) : [{ address: hostname, family }];
    const refusal = this.#refusalOfAny(addresses);
    if (refusal !== null) throw new EgressError(refusal);
    return addresses;
  }

  /** Resolves names for connections, to vetted addresses. */
  readonly lookup: LookupFunction = lookupBy((hostname) => this.vetted(hostname));

  #refusalUnresolved({ protocol, hostname, port }: Target): string | null {
    if (this.#httpsOnly && protocol !== 'https:') return 'http is not allowed here; it must be https';
    const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
    if (!this.#mayUsePort(number)) return `the port ${number} is not one that webhooks may use`;
    const literal = literalAddress(hostname);
    return literal === null ? null : this.refusal(literal);
  }

  #refusalOfAny(addresses: readonly LookupAddress[]): string | null {
    for (const { address } of addresses) {
      const refusal = this.refusal(address);
      if (refusal !== null) return refusal;
    }
    return null;
  }

  /** What is known of a name within a moment; nothing where it does not resolve. */
  async #addressesNow(hostname: string): Promise<readonly LookupAddress[]> {
    const { promise: late, resolve } = Promise.withResolvers<readonly LookupAddress[]>();
    const timer = setTimeout(() => resolve([]), SAVE_LOOKUP_MS);
    const addresses = this.#resolver.resolve(hostname).catch(() => []);
    return Promise.race([addresses, late]).finally(() => clearTimeout(timer));
  }
}

/** What kind of address keeps this one off the public internet; null for one that is on it. */
function kindOf(address: Address): string | null {
  const range = address.range();
  if (range !== 'unicast') return range;
  if (contains(AZURE_METADATA, address)) return 'metadata';
  // IANA has given out 2000::/3 alone for global unicast; the range table takes the unassigned rest for unicast, too.
  if (address.kind() === 'ipv6' && !contains(GLOBAL_UNICAST, address)) return 'unassigned';
  return null;
}

/** Azure's metadata and control service: a public address by its number, which leads to the machine's own host. */
const AZURE_METADATA: Network = ipaddr.parseCIDR('168.63.129.16/32');

const GLOBAL_UNICAST: Network = ipaddr.parseCIDR('2000::/3');

/** The address that a URL's hostname is, if it is one; URLs write IPv6 in brackets. */
function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) ? bare : null;
}
