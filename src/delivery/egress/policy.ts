import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DnsResolver, lookupBy, type Resolver } from './dns-resolver.ts';
import { type Address, contains, type Network, parseNetworks } from './networks.ts';
import { ORDINARY_PORTS, type PortRule } from './ports.ts';

/** The policy does not allow a connection: because of its address, its port, or because it is without TLS. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
}

/**
 * Milliseconds that saving a webhook waits for the look-up of its name. Short, because the name is checked again before
 * each connection.
 */
const SAVE_LOOKUP_MS = 2_500;

export interface EgressRules {
  /** Ports that may be used. Default: `ORDINARY_PORTS`. */
  readonly ports?: PortRule;
  /** Whether http is refused. */
  readonly httpsOnly?: boolean;
}

/**
 * Destination of a connection, as undici gives it: `hostname` without brackets, `port` empty for the scheme's default.
 */
export interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

/**
 * Decides which addresses webhooks may reach: those of the public internet, and the networks that the operator allows.
 * It is asked when a URL is saved, and again when a connection is made, then about the very address that is connected
 * to.
 */
export class EgressPolicy {
  readonly #allowed: readonly Network[];
  readonly #resolver: Resolver;
  readonly #mayUsePort: PortRule;
  readonly #httpsOnly: boolean;

  /**
   * @param allowed networks in CIDR form that may be reached although they are private
   * @throws TypeError if one of them is malformed
   */
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

  /** Returns a sentence that says why `address` may not be reached. `null`: it may. */
  refusal(address: string): string | null {
    // The zone of an IPv6 address names an interface, and does not change which address is reached.
    const [bare = ''] = address.split('%', 1);
    // `process` converts an IPv4-mapped IPv6 address to the IPv4 address that it stands for.
    const parsed = ipaddr.process(bare);
    if (this.#allowed.some((network) => contains(network, parsed))) return null;
    const kind = nonPublicKindOf(parsed);
    return kind === null ? null : `the address ${address} is not on the public internet (${kind})`;
  }

  /**
   * Returns a sentence that says why `url` may not be the URL of a webhook. `null`: it may, as far as is known now.
   * A name that does not resolve is allowed, because it may resolve later. It is checked again before each connection.
   */
  async urlRefusal(url: URL): Promise<string | null> {
    const refusal = this.#refusalUnresolved(url);
    if (refusal !== null || literalAddress(url.hostname) !== null) return refusal;
    const ofName = this.#refusalOfAny(await this.#resolveQuickly(url.hostname));
    return ofName === null ? null : `${url.hostname} can't be used: ${ofName}`;
  }

  /** Checks `target` without resolving its name. @throws EgressError if no connection may be made */
  check(target: Target): void {
    const refusal = this.#refusalUnresolved(target);
    if (refusal !== null) throw new EgressError(refusal);
  }

  /**
   * Resolves `hostname` to addresses that all may be reached. A literal address is returned as it is.
   * Rejects if any of the addresses may not be reached, because otherwise the order of the answers would decide what is
   * connected to.
   * @throws EgressError
   * @throws NameError if the name does not resolve
   */
  async vetted(hostname: string): Promise<readonly LookupAddress[]> {
    const family = isIP(hostname);
    const addresses = family === 0 ? await this.#resolver.resolve(hostname) : [{ address: hostname, family }];
    const refusal = this.#refusalOfAny(addresses);
    if (refusal !== null) throw new EgressError(refusal);
    return addresses;
  }

  /** `vetted` in the form that connecting needs. */
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

  /** Resolves a name within `SAVE_LOOKUP_MS`. Returns no addresses if that fails or takes longer. */
  async #resolveQuickly(hostname: string): Promise<readonly LookupAddress[]> {
    const { promise: late, resolve } = Promise.withResolvers<readonly LookupAddress[]>();
    const timer = setTimeout(() => resolve([]), SAVE_LOOKUP_MS);
    const addresses = this.#resolver.resolve(hostname).catch(() => []);
    return Promise.race([addresses, late]).finally(() => clearTimeout(timer));
  }
}

/** Returns the kind of a non-public address. `null`: the address is on the public internet. */
function nonPublicKindOf(address: Address): string | null {
  const range = address.range();
  if (range !== 'unicast') return range;
  if (contains(AZURE_METADATA, address)) return 'metadata';
  // IANA has assigned only 2000::/3 for global unicast. ipaddr.js takes the unassigned rest for unicast, too.
  if (address.kind() === 'ipv6' && !contains(GLOBAL_UNICAST, address)) return 'unassigned';
  return null;
}

/** Azure's metadata and control service. Its address is in a public range, but leads to the machine's own host. */
const AZURE_METADATA: Network = ipaddr.parseCIDR('168.63.129.16/32');

const GLOBAL_UNICAST: Network = ipaddr.parseCIDR('2000::/3');

/** Returns the address that a URL's hostname is, without the brackets of IPv6. `null`: the hostname is a name. */
function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) ? bare : null;
}
