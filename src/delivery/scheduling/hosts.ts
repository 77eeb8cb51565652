import type { InFlightBuckets } from './in-flight-buckets.ts';
import type { WebhookQueue } from './webhook-queue.ts';

/** A receiving host and port, over all webhooks that point there. */
export interface Host {
  readonly origin: string;
  /** Requests under way. */
  sending: number;
  /** Those of the doubtful webhooks that point there. */
  doubtfulSending: number;
  /** Webhook queues that point there. */
  queues: number;
  /** Those of them that may send and for which it has no room; made when first needed. */
  parked: InFlightBuckets<WebhookQueue> | null;
}

/** The hosts that something is sent to, or waits for. */
export class Hosts {
  readonly #hosts = new Map<string, Host>();

  get size(): number {
    return this.#hosts.size;
  }

  /** The host of a webhook's URL, if it is known. */
  find(url: string): Host | undefined {
    return this.#hosts.get(originOf(url));
  }

  /** Points a queue to the host of `url`, or, when it is done, to none. */
  point(queue: WebhookQueue, url: string | null): void {
    const before = queue.host;
    const doubtful = queue.isSuspect ? queue.inFlight : 0;
    queue.host = url === null ? null : this.#hostOf(url);
    queue.url = url ?? '';
    if (queue.host) {
      queue.host.queues += 1;
      queue.host.doubtfulSending += doubtful;
    }
    if (!before) return;
    before.queues -= 1;
    before.doubtfulSending -= doubtful;
    this.dropIfIdle(before);
  }

  dropIfIdle(host: Host): void {
    if (host.sending === 0 && host.queues === 0) this.#hosts.delete(host.origin);
  }

  #hostOf(url: string): Host {
    const origin = originOf(url);
    let host = this.#hosts.get(origin);
    if (!host) {
      host = { origin, sending: 0, doubtfulSending: 0, queues: 0, parked: null };
      this.#hosts.set(origin, host);
    }
    return host;
  }
}

/** Scheme, host and port. Webhooks' URLs are stored as `URL` writes them, so that parsing each again is not needed. */
export function originOf(url: string): string {
  const end = url.indexOf('/', 'https://'.length);
  return end < 0 ? url : url.slice(0, end);
}
