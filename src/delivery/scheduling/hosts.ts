import { originOf } from '../egress/origin.ts';
import type { Host, SchedulingState } from './scheduling-state.ts';

/**
 * Receiving hosts that are in use. A host is in use if requests to the host are in flight, or if a webhook's
 * queue points to the host.
 */
export class Hosts {
  readonly #hosts = new Map<string, Host>();

  get size(): number {
    return this.#hosts.size;
  }

  /**
   * Returns the host to which `url` points. `undefined`: no request to the host is in flight, and no
   * webhook's queue points to the host.
   */
  find(url: string): Host | undefined {
    return this.#hosts.get(originOf(url));
  }

  /**
   * Points a webhook's queue to the host of `url`, and updates the counts of the old host and the new host.
   * `null`: points the queue to no host.
   */
  point(state: SchedulingState, url: string | null): void {
    const before = state.host;
    const suspectInFlight = state.isSuspect ? state.inFlight : 0;
    state.host = url === null ? null : this.use(url);
    state.url = url ?? '';
    if (state.host) {
      state.host.queues += 1;
      state.host.suspectInFlight += suspectInFlight;
    }
    if (!before) return;
    before.queues -= 1;
    before.suspectInFlight -= suspectInFlight;
    this.dropIfIdle(before);
  }

  dropIfIdle(host: Host): void {
    if (host.inFlight === 0 && host.queues === 0) this.#hosts.delete(host.origin);
  }

  /** Returns the host to which `url` points. The caller must count a request or a queue of it, or call `dropIfIdle`. */
  use(url: string): Host {
    const origin = originOf(url);
    let host = this.#hosts.get(origin);
    if (!host) {
      host = { origin, inFlight: 0, suspectInFlight: 0, queues: 0, blocked: null };
      this.#hosts.set(origin, host);
    }
    return host;
  }
}
