import type { WebhookTarget } from '../../domain/delivery.ts';
import { RequestTarget } from '../client/request-target.ts';

/** Headers that every request has, with the same values. */
export const COMMON_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Mediahooks (webhooks)' };

/** Maximum number of webhooks in the cache. Each takes some 600 bytes. */
const MAX_CACHED_TARGETS = 10_000;

type Headers = WebhookTarget['headers'];

interface CachedTarget {
  readonly url: string;
  readonly headers: Headers;
  readonly target: RequestTarget;
}

/**
 * Cache of the targets of webhooks, so that the part of the head that all requests to a webhook share is made once. A
 * webhook whose URL or headers have changed has another target.
 */
export class RequestTargets {
  readonly #cached = new Map<string, CachedTarget>();

  of({ id, url, headers }: WebhookTarget): RequestTarget {
    const cached = this.#cached.get(id);
    // Compares the texts, because each delivery that the storage returns has objects of its own.
    if (cached !== undefined && cached.url === url && areEqual(cached.headers, headers)) return cached.target;
    const target = new RequestTarget(url, { ...headers, ...COMMON_HEADERS });
    if (this.#cached.size >= MAX_CACHED_TARGETS) this.#cached.clear();
    this.#cached.set(id, { url, headers, target });
    return target;
  }
}

/** Returns whether headers have the same names and values, in the same order. */
function areEqual(some: Headers, others: Headers): boolean {
  if (some === others) return true;
  return JSON.stringify(some) === JSON.stringify(others);
}
