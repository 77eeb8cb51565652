import { promises as dns, type LookupAddress, type RecordWithTtl } from 'node:dns';
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { localAddresses, parseHosts } from './hosts-file.ts';

/** A name could not be resolved. `explainFailure` has a sentence for each code. */
export class NameError extends Error {
  override readonly name = 'NameError';
  readonly code: 'NAME_NOT_FOUND' | 'NAME_NOT_IN_TIME' | 'NAME_SERVER_FAILED';

  constructor(code: NameError['code'], name: string, options: ErrorOptions = {}) {
    super(`${code}: ${name}`, options);
    this.code = code;
  }
}

/** Resolves names to addresses. `resolve` rejects with `NameError`. */
export interface Resolver {
  resolve(name: string): Promise<readonly LookupAddress[]>;
}

/** Converts `resolve` to the form that connecting needs. */
export function lookupBy(resolve: Resolver['resolve']): LookupFunction {
  return (hostname, { all, family }, callback) => {
    resolve(hostname).then(
      (resolved) => {
        const isWanted = (address: LookupAddress) => address.family === family;
        const addresses = family === 4 || family === 6 ? resolved.filter(isWanted) : resolved;
        const [first] = addresses;
        if (all || !first) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };
}

export interface DnsResolverOptions {
  /** Name servers as `address` or `address:port`. Default: those of the system. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  /** Milliseconds for one look-up, including all tries and servers. */
  readonly timeoutMs?: number;
  /** Returns milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Milliseconds for a look-up: half of the ten seconds that a receiver has by default. */
const DEFAULT_TIMEOUT_MS = 5_000;
/** Milliseconds to wait for one answer before the same or the next name server is asked. */
const TRY_MS = 1_500;
const TRIES = 2;
/**
 * Maximum milliseconds for which an answer is cached, even if its TTL is longer, so that a moved receiver is found
 * soon.
 */
const MAX_CACHE_MS = 5_000;
/** Maximum number of cached names. The oldest entry is evicted first. */
const MAX_CACHED_NAMES = 10_000;

/** Error codes that mean that the name has no address. Other codes mean that the name server did not answer that. */
const NOT_FOUND_CODES = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

interface CachedAnswer {
  readonly addresses: readonly LookupAddress[];
  readonly until: number;
}

/**
 * Resolver that asks the name servers itself, many names in parallel. The system's resolver would block one of Node's
 * four threads for each look-up, so that names whose servers never answer would delay all others. Concurrent look-ups
 * of a name share one request. Answers are cached for some seconds.
 */
export class DnsResolver implements Resolver {
  readonly #options: DnsResolverOptions;
  readonly #now: () => number;
  readonly #cache = new Map<string, CachedAnswer>();
  readonly #inFlight = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #resolvers = new Set<dns.Resolver>();
  #hosts: { readonly names: Map<string, LookupAddress[]>; readonly until: number } | null = null;

  constructor(options: DnsResolverOptions = {}) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  resolve(name: string): Promise<readonly LookupAddress[]> {
    // A trailing dot marks a name as absolute. Here every name is.
    const wanted = name.toLowerCase().replace(/\.$/, '');
    const cached = this.#cache.get(wanted);
    if (cached && cached.until > this.#now()) return Promise.resolve(cached.addresses);
    let lookup = this.#inFlight.get(wanted);
    if (!lookup) {
      lookup = this.#lookUp(wanted).finally(() => this.#inFlight.delete(wanted));
      this.#inFlight.set(wanted, lookup);
    }
    return lookup;
  }

  /** Cancels the look-ups in flight, because they would keep the process from exiting. */
  close(): void {
    for (const resolver of this.#resolvers) resolver.cancel();
  }

  async #lookUp(name: string): Promise<readonly LookupAddress[]> {
    const local = localAddresses(await this.#localNames(), name);
    if (local) return local;
    const records = await this.#ask(name);
    const ttlMs = Math.min(...records.map(({ ttl }) => ttl * 1000), MAX_CACHE_MS);
    const addresses = records.map(({ address, family }) => ({ address, family }));
    this.#cacheAnswer(name, { addresses, until: this.#now() + ttlMs });
    return addresses;
  }

  /** Asks for addresses of both families. Succeeds if either has an answer. */
  async #ask(name: string): Promise<(LookupAddress & { ttl: number })[]> {
    const { servers, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const timeout = Math.ceil(Math.min(TRY_MS, timeoutMs / TRIES));
    // A new resolver for each look-up can be cancelled alone, and follows changes of resolv.conf.
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
    throw nameErrorOf(name, [ipv4, ipv6]);
  }

  async #localNames(): Promise<Map<string, LookupAddress[]>> {
    const now = this.#now();
    if (!this.#hosts || this.#hosts.until <= now) {
      const text = await readFile(this.#options.hostsFile ?? '/etc/hosts', 'utf8').catch(() => '');
      this.#hosts = { names: parseHosts(text), until: now + MAX_CACHE_MS };
    }
    return this.#hosts.names;
  }

  #cacheAnswer(name: string, answer: CachedAnswer): void {
    this.#cache.delete(name);
    this.#cache.set(name, answer);
    if (this.#cache.size <= MAX_CACHED_NAMES) return;
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined) this.#cache.delete(oldest);
  }
}

function recordsOf(result: PromiseSettledResult<RecordWithTtl[]>, family: 4 | 6) {
  if (result.status === 'rejected') return [];
  return result.value.map(({ address, ttl }) => ({ address, ttl, family }));
}

function nameErrorOf(name: string, results: readonly PromiseSettledResult<unknown>[]): NameError {
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const codes = errors.map((error: NodeJS.ErrnoException) => error.code ?? '');
  const [cause] = errors;
  if (codes.every((code) => NOT_FOUND_CODES.has(code)))
    return new NameError('NAME_NOT_FOUND', name, { cause });
  // ECANCELLED comes from the timer in `#ask`.
  const isLate = codes.some((code) => code === 'ETIMEOUT' || code === 'ECANCELLED');
  return new NameError(isLate ? 'NAME_NOT_IN_TIME' : 'NAME_SERVER_FAILED', name, { cause });
}
