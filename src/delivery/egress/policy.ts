import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DnsResolver, lookupBy, type Resolver } from './dns-resolver.ts';
import { isInternalName, searchDomainsOf } from './internal-names.ts';
import { type Address, contains, type Network, parseNetworks } from './networks.ts';
import { ORDINARY_PORTS, type PortRule } from './ports.ts';

/**
 * Sentence with which a host is refused to the owner of a webhook. It is the same for a private address, for a
 * name with a private address and, in attempts, for a name that does not exist. Otherwise, an owner could find
 * out which names and addresses there are in the operator's network.
 */
export const HOST_REFUSED =
  'the host is not allowed: it must have an address on the public internet, and no other';

/**
 * Error of a connection that the egress policy forbids because of the address, because of the port, or
 * because the connection is without TLS. The message is for the owner of the webhook.
 */
export class EgressError extends Error {
  override readonly name = 'EgressError';
}

/**
 * Maximum milliseconds to wait for the look-up of a URL's host name when a webhook is saved. Short, because
 * the name is checked again before each connection.
 */
const SAVE_LOOKUP_MS = 2_500;

export interface EgressRules {
  /** Rule about the ports that webhooks are allowed to use. Default: `ORDINARY_PORTS`. */
  readonly ports?: PortRule;
  /** Whether http is forbidden, so that webhooks must use https. */
  readonly httpsOnly?: boolean;
  /** Returns whether a URL is that of an inbox of this service, which webhooks may always use. Default: none is. */
  readonly isInboxUrl?: (url: string) => boolean;
  /** Called for each refused host with the reason for the operator, which names the address. */
  readonly onRefused?: (host: string, reason: string) => void;
}

/** Destination of a connection. `port` is empty for the default port of the scheme. */
export interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

/**
 * Decides which addresses webhooks are allowed to reach: addresses of the public internet, and addresses in
 * networks that the operator allows. The policy is applied when a URL is saved, and again before each
 * connection, to the address of that connection.
 */
export class EgressPolicy {
  readonly #allowed: readonly Network[];
  readonly #resolver: Resolver;
  readonly #mayUsePort: PortRule;
  readonly #httpsOnly: boolean;
  readonly #isInboxUrl: (url: string) => boolean;
  readonly #onRefused: (host: string, reason: string) => void;

  /**
   * @param allowed networks in CIDR form that webhooks are allowed to reach although they are private
   * networks
   * @throws TypeError if one of these networks is malformed
   */
  constructor(
    allowed: readonly string[],
    resolver: Resolver = new DnsResolver(),
    {
      ports = ORDINARY_PORTS,
      httpsOnly = false,
      isInboxUrl = () => false,
      onRefused = () => undefined,
    }: EgressRules = {},
  ) {
    this.#allowed = parseNetworks(allowed);
    this.#resolver = resolver;
    this.#mayUsePort = ports;
    this.#httpsOnly = httpsOnly;
    this.#isInboxUrl = isInboxUrl;
    this.#onRefused = onRefused;
  }

  /**
   * Returns a sentence that says to the operator why `address` is forbidden. `null`: `address` is allowed.
   */
  refusal(address: string): string | null {
    // Removes the zone of an IPv6 address, such as `%eth0`. The zone names a network interface, and is not
    // part of the address.
    const [bare = ''] = address.split('%', 1);
    // Converts an IPv4-mapped IPv6 address to the IPv4 address that it stands for.
    const parsed = ipaddr.process(bare);
    if (this.#allowed.some((network) => contains(network, parsed))) return null;
    const kind = nonPublicKindOf(parsed);
    return kind === null ? null : `the address ${address} is not on the public internet (${kind})`;
  }

  /**
   * Returns a sentence that says to the owner why `url` is forbidden as the URL of a webhook. `null`: `url` is
   * allowed, as far as is known now. A name that does not resolve is allowed, because the name might resolve
   * later, and it is checked again before each connection. But a name of a private network is refused whether it
   * exists or not.
   */
  async urlRefusal(url: URL): Promise<string | null> {
    // The fragment is not part of the URL that is stored.
    if (this.#isInboxUrl(url.href.slice(0, url.href.length - url.hash.length))) return null;
    const refusal = this.#refusalUnresolved(url);
    if (refusal !== null || literalAddress(url.hostname) !== null) return refusal;
    const addresses = await this.#resolveQuickly(url.hostname);
    if (addresses.length === 0)
      return isInternalName(url.hostname, await searchDomainsOf()) ? HOST_REFUSED : null;
    return this.#refusalOfAny(url.hostname, addresses);
  }

  /**
   * Checks `target` without resolving its name. @throws EgressError if connecting to `target` is forbidden
   */
  check(target: Target): void {
    const refusal = this.#refusalUnresolved(target);
    if (refusal !== null) throw new EgressError(refusal);
  }

  /**
   * Resolves `hostname` to addresses, and checks the addresses. A literal IP address is checked without a
   * look-up. Rejects if any of the addresses is forbidden, because otherwise the order of the addresses would
   * decide whether a connection is made to a forbidden one.
   * @throws EgressError if one of the addresses is forbidden
   * @throws NameError if the name does not resolve
   */
  async vetted(hostname: string): Promise<readonly LookupAddress[]> {
    const family = isIP(hostname);
    const addresses = family === 0 ? await this.#resolver.resolve(hostname) : [{ address: hostname, family }];
    const refusal = this.#refusalOfAny(hostname, addresses);
    if (refusal !== null) throw new EgressError(refusal);
    return addresses;
  }

  /** Function that sockets accept as their option `lookup`. It resolves and checks names as `vetted` does. */
  readonly lookup: LookupFunction = lookupBy((hostname) => this.vetted(hostname));

  #refusalUnresolved({ protocol, hostname, port }: Target): string | null {
    if (this.#httpsOnly && protocol !== 'https:') return 'http is not allowed here; it must be https';
    const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
    if (!this.#mayUsePort(number)) return `the port ${number} is not one that webhooks may use`;
    const literal = literalAddress(hostname);
    return literal === null ? null : this.#refusalOfAny(hostname, [{ address: literal, family: 0 }]);
  }

  /** Returns the sentence for the owner if one of a host's addresses is forbidden, and notifies the operator. */
  #refusalOfAny(host: string, addresses: readonly LookupAddress[]): string | null {
    for (const { address } of addresses) {
      const reason = this.refusal(address);
      if (reason === null) continue;
      this.#onRefused(host, reason);
      return HOST_REFUSED;
    }
    return null;
  }

  /** Resolves a name within `SAVE_LOOKUP_MS`. Returns no addresses if the look-up fails or takes longer. */
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
  // Refuses IPv6 addresses outside of 2000::/3, because IANA has assigned only this range for global unicast.
  // ipaddr.js counts the unassigned ranges as unicast, too.
  if (address.kind() === 'ipv6' && !contains(GLOBAL_UNICAST, address)) return 'unassigned';
  return null;
}

/**
 * Address of Azure's metadata and control service. The address belongs to a public range, but reaches the
 * host of the virtual machine.
 */
const AZURE_METADATA: Network = ipaddr.parseCIDR('168.63.129.16/32');

const GLOBAL_UNICAST: Network = ipaddr.parseCIDR('2000::/3');

/**
 * Returns the hostname of a URL if the hostname is an IP address, without the brackets of IPv6. `null`: the
 * hostname is a name.
 */
function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) ? bare : null;
}
