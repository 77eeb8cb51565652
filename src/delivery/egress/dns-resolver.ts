import { promises as dns, type LookupAddress, type RecordWithTtl } from 'node:dns';
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { localAddresses, parseHosts } from './hosts-file.ts';

/** Why a name has no address for us now: `explainFailure` says it in words. */
export class NameError extends Error {
  override readonly name = 'NameError';
  readonly code: 'NAME_NOT_FOUND' | 'NAME_NOT_IN_TIME' | 'NAME_SERVER_FAILED';

  constructor(code: NameError['code'], name: string, options: ErrorOptions = {}) {
    super(`${code}: ${name}`, options);
    this.code = code;
  }
}

/** Tells the addresses of names. `resolve` rejects with `NameError`. */
export interface Resolver {
  resolve(name: string): Promise<readonly LookupAddress[]>;
}

/** `resolve` in the form that connecting asks for. */
export function lookupBy(resolve: Resolver['resolve']): LookupFunction {
  return (hostname, { all, family }, callback) => {
    resolve(hostname).then(
      (known) => {
        const addresses = family === 4 || family === 6 ? known.filter((one) => one.family === family) : known;
        const [first] = addresses;
        if (all || !first) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };
}

export interface DnsResolverOptions {
  /** Name servers, `address` or `address:port`; left out, those of the system. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  /** For one look-up, all tries and servers included, in milliseconds. */
  readonly timeoutMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Leaves half of the ten seconds that a receiver has by default. */
const DEFAULT_TIMEOUT_MS = 5_000;
/** A name server has so long for one answer before it is asked again, or the next one. */
const TRY_MS = 1_500;
const TRIES = 2;
/** An answer is used again for so long at the most, whatever its TTL grants: a receiver that moves is found soon. */
const REMEMBER_MS = 5_000;
/** Names remembered at once; the oldest go first. */
const REMEMBERED = 10_000;

/** Answers of a name server that say that there is no address, rather than that it does not know. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

interface Remembered {
  readonly addresses: readonly LookupAddress[];
  readonly until: number;
}

/**
 * Asks the name servers itself, all names side by side, instead of the system's resolver, which works on four
 * threads for everything: names whose servers never answer would keep the others waiting.
 * Each look-up of a name is shared by all who want it, and its answer remembered for a moment.
 */
export class DnsResolver implements Resolver {
  readonly #options: DnsResolverOptions;
  readonly #now: () => number;
  readonly #remembered = new Map<string, Remembered>();
  readonly #underWay = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #resolvers = new Set<dns.Resolver>();
  #hosts: { readonly names: Map<string, LookupAddress[]>; readonly until: number } | null = null;

  constructor(options: DnsResolverOptions = {}) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  resolve(name: string): Promise<readonly LookupAddress[]> {
    // A trailing dot makes a name absolute, which it is for us in any case.
    const wanted = name.toLowerCase().replace(/\.$/, '');
    const remembered = this.#remembered.get(wanted);
    if (remembered && remembered.until > this.#now()) return Promise.resolve(remembered.addresses);
    let lookup = this.#underWay.get(wanted);
    if (!lookup) {
      lookup = this.#lookUp(wanted).finally(() => this.#underWay.delete(wanted));
      this.#underWay.set(wanted, lookup);
    }
    return lookup;
  }

  /** Ends the look-ups under way, which would keep the process. */
  close(): void {
    for (const resolver of this.#resolvers) resolver.cancel();
  }

  async #lookUp(name: string): Promise<readonly LookupAddress[]> {
    const local = localAddresses(await this.#localNames(), name);
    if (local) return local;
    const records = await this.#ask(name);
    const ttlMs = Math.min(...records.map(({ ttl }) => ttl * 1000), REMEMBER_MS);
    const addresses = records.map(({ address, family }) => ({ address, family }));
    this.#remember(name, { addresses, until: this.#now() + ttlMs });
    return addresses;
  }

  /** Those of both families that came; one family's want of an answer does not take the other's away. */
  async #ask(name: string): Promise<(LookupAddress & { ttl: number })[]> {
    const { servers, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const timeout = Math.ceil(Math.min(TRY_MS, timeoutMs / TRIES));
    // One for each look-up: it can be given up alone, follows a changed resolv.conf, and caches nothing.
    const resolver = new dns.Resolver({ timeout, tries: TRIES, maxTimeout: timeout });
    if (servers) resolver.setServers(servers);
    this.#resolvers.add(resolver);
    const timer = setTimeout(() => resolver.cancel(), timeoutMs);
    const [ipv4, ipv6] = await Promise.allSettled([
      resolver.resolve4(name, { ttl: true }),
      resolver.resolve6(name, { ttl: true }),
    ]);
    clearTimeout(timer);
    this.#resolvers.delete(resolver);
    const records = [...recordsOf(ipv4, 4), ...recordsOf(ipv6, 6)];
    if (records.length > 0) return records;
    throw failureOf(name, [ipv4, ipv6]);
  }

  async #localNames(): Promise<Map<string, LookupAddress[]>> {
    const now = this.#now();
    if (!this.#hosts || this.#hosts.until <= now) {
      const text = await readFile(this.#options.hostsFile ?? '/etc/hosts', 'utf8').catch(() => '');
      this.#hosts = { names: parseHosts(text), until: now + REMEMBER_MS };
    }
    return this.#hosts.names;
  }

  #remember(name: string, found: Remembered): void {
    this.#remembered.delete(name);
    this.#remembered.set(name, found);
    if (this.#remembered.size <= REMEMBERED) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

function recordsOf(result: PromiseSettledResult<RecordWithTtl[]>, family: 4 | 6) {
  if (result.status === 'rejected') return [];
  return result.value.map(({ address, ttl }) => ({ address, ttl, family }));
}

function failureOf(name: string, results: readonly PromiseSettledResult<unknown>[]): NameError {
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const codes = errors.map((error: NodeJS.ErrnoException) => error.code ?? '');
  const [cause] = errors;
  if (codes.every((code) => ABSENT.has(code))) return new NameError('NAME_NOT_FOUND', name, { cause });
  // Cancelled is what our own timer made of it.
  const late = codes.some((code) => code === 'ETIMEOUT' || code === 'ECANCELLED');
  return new NameError(late ? 'NAME_NOT_IN_TIME' : 'NAME_SERVER_FAILED', name, { cause });
}
