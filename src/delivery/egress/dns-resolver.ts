import { promises as dns, type LookupAddress, type RecordWithTtl } from 'node:dns';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { isExhausted } from '../../platform/system-errors.ts';
import { localAddresses, parseHosts } from './hosts-file.ts';

/** Error of a name that could not be resolved. `explainFailure` has a sentence for each code. */
export class NameError extends Error {
  override readonly name = 'NameError';
  readonly code: 'NAME_NOT_FOUND' | 'NAME_NOT_IN_TIME' | 'NAME_SERVER_FAILED' | 'NAME_SERVER_UNREACHABLE';

  constructor(code: NameError['code'], name: string, options: ErrorOptions = {}) {
    super(`${code}: ${name}`, options);
    this.code = code;
  }
}

/**
 * Resolves names to addresses. `resolve` rejects with `NameError`, or with the error of the system if this
 * process can't open a file or a socket.
 */
export interface Resolver {
  resolve(name: string): Promise<readonly LookupAddress[]>;
}

/** Converts `resolve` to a function that sockets accept as their option `lookup`. */
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
  /** Name servers as `address` or `address:port`. Default: the name servers of the system. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  /** Time limit of one look-up in milliseconds, including all tries and all name servers. */
  readonly timeoutMs?: number;
  /** Returns milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * Default time limit of a look-up in milliseconds: half of the ten seconds that an attempt has by default.
 */
const DEFAULT_TIMEOUT_MS = 5_000;
/** Milliseconds to wait for an answer before the next try, with the same or the next name server. */
const TRY_MS = 1_500;
const TRIES = 2;
/**
 * Maximum milliseconds for which an answer is cached, even if its TTL is longer. Short, so that a receiver
 * that has moved to another address is found soon.
 */
const MAX_CACHE_MS = 5_000;
/** Maximum number of cached names. The oldest entry is evicted first. */
const MAX_CACHED_NAMES = 10_000;

/**
 * Error codes that mean that the name has no address. All other codes mean that the name servers gave no
 * valid answer.
 */
const NOT_FOUND_CODES = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

interface CachedAnswer {
  readonly addresses: readonly LookupAddress[];
  readonly until: number;
}

/**
 * Resolver that sends its own requests to the name servers, for many names in parallel. The system's resolver
 * would block one of the four threads of Node's pool during each look-up. So names whose servers never answer
 * would delay all other look-ups. Concurrent look-ups of a name share one request. Answers are cached for
 * some seconds.
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
    // Removes a trailing dot, which marks a name as absolute. All names are treated as absolute here.
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

  /** Cancels the look-ups in flight, because look-ups in flight would keep the process from exiting. */
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

  /** Asks the name servers for IPv4 and IPv6 addresses. Succeeds if there are addresses of either family. */
  async #ask(name: string): Promise<(LookupAddress & { ttl: number })[]> {
    const { servers, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const timeout = Math.ceil(Math.min(TRY_MS, timeoutMs / TRIES));
    // Creates a resolver for each look-up, so that each look-up can be cancelled alone, and so that changes
    // of resolv.conf take effect.
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
      const file = this.#options.hostsFile ?? '/etc/hosts';
      const text = await readFile(file, 'utf8').catch((error) => {
        // A file that can't be opened at present must not look as if it were empty, because its names would
        // then not be found.
        if (isExhausted(error)) throw error;
        return '';
      });
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

/**
 * Returns the error with which this process can't open a file at present, which is also why it can't open a
 * socket. `undefined`: it can.
 */
function exhaustion(): unknown {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return undefined;
  } catch (error) {
    return isExhausted(error) ? error : undefined;
  }
}

function nameErrorOf(name: string, results: readonly PromiseSettledResult<unknown>[]): NameError {
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const codes = errors.map((error: NodeJS.ErrnoException) => error.code ?? '');
  const [cause] = errors;
  if (codes.every((code) => NOT_FOUND_CODES.has(code)))
    return new NameError('NAME_NOT_FOUND', name, { cause });
  // A name server that runs does not refuse a connection, whatever name it is asked for. So this code says that
  // no name server runs, or that this process could not open a socket, which c-ares reports in the same way.
  if (codes.includes('ECONNREFUSED'))
    return new NameError('NAME_SERVER_UNREACHABLE', name, { cause: exhaustion() ?? cause });
  // Treats ECANCELLED as a timeout, because the timer in `#ask` cancels a look-up that takes too long.
  const isLate = codes.some((code) => code === 'ETIMEOUT' || code === 'ECANCELLED');
  return new NameError(isLate ? 'NAME_NOT_IN_TIME' : 'NAME_SERVER_FAILED', name, { cause });
}
