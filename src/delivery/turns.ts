import type { Circuits } from './circuits.ts';
import { Levels } from './levels.ts';
import type { Host, WebhookQueue } from './webhook-queue.ts';

export interface TurnsOptions {
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Of these, those of one webhook. */
  readonly concurrencyPerWebhook: number;
  /** Of these, those to one receiving host and port, over all webhooks that point there. */
  readonly concurrencyPerHost: number;
  readonly circuits: Circuits;
}

/**
 * A webhook may have an eighth of the requests that are free. A lone one gets its ten as long as eighty are free;
 * a hundred that hang leave seventy for the others, two hundred thirty.
 */
const PART_OF_FREE = 1 / 8;
/** A request that takes longer, in milliseconds, is slow; receivers that work answer in a tenth of it. */
export const SLOW_AFTER_MS = 1_000;
/**
 * Slow webhooks may together have so much of all requests under way. What it leaves free is for those that answer
 * fast, and these need little; a smaller part would waste more where all receivers are slow.
 */
const PART_OF_SLOW = 3 / 4;
/** Of so many turns one is offered to slow webhooks first, so that many busy ones can't keep them out for good. */
const TURNS_TO_A_SLOW_ONE = 8;

/**
 * Who sends next. Webhooks with the fewest requests under way come first, by turns among equals, so that one with
 * ten thousand waiting does not delay one with a single delivery. What may be under way is bounded
 *
 * - in all, for each webhook, and for each receiving host;
 * - by what is free: no webhook may have more than a part of it (Choudhury and Hahne, Dynamic Queue Length
 *   Thresholds for Shared-Memory Packet Switches, 1998), so that many who start to hang at once leave some;
 * - for slow webhooks together: those whose latest request took more than a second, or that have had some under
 *   way for so long without an end;
 * - by the webhook's circuit.
 *
 * Every step costs the same however many webhooks wait, over the long run. A webhook whose host has no room is
 * parked there, and each request that ends brings back one.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #ready = new Levels<WebhookQueue>();
  readonly #hosts = new Map<string, Host>();
  /** Those with requests under way that are not slow; who has waited longest for one to end comes first. */
  readonly #moving = new Set<WebhookQueue>();
  readonly #mostSlow: number;
  #sending = 0;
  #slowSending = 0;
  #turn = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#mostSlow = Math.max(1, Math.floor(options.concurrency * PART_OF_SLOW));
  }

  /** How many webhooks and hosts it knows of: for tests that nothing is left behind. */
  get size(): number {
    return this.#hosts.size + this.#moving.size;
  }

  /** To be called when a queue is new. */
  meet(queue: WebhookQueue): void {
    queue.isSlow = this.#options.circuits.lastFailureMs(queue.webhookId) >= SLOW_AFTER_MS;
  }

  /** To be called when a queue holds nothing any more. */
  part(queue: WebhookQueue): void {
    this.#leave(queue);
    this.#setHost(queue, null);
  }

  /** To be called when something waits that did not, or when more may be sent than before. */
  enter(queue: WebhookQueue): void {
    if (queue.place !== null) return;
    const { first } = queue;
    if (!first || queue.sending >= this.#limitOf(queue)) return;
    const { url } = first.webhook;
    if (url !== queue.url || queue.host === null) {
      this.#setHost(queue, this.#hostOf(url));
      queue.url = url;
    }
    this.#place(queue);
  }

  /** To be called when nothing waits any more, or when less may be sent than before. */
  reenter(queue: WebhookQueue): void {
    this.#leave(queue);
    this.enter(queue);
  }

  /** The queue whose first is to be sent now; that counts as under way until `ended`. */
  next(now: number): WebhookQueue | null {
    if (this.#sending >= this.#options.concurrency) return null;
    this.#noticeSlow(now);
    for (let queue = this.#whoseTurn(); queue; queue = this.#whoseTurn()) {
      this.#remove(queue);
      const host = queue.host as Host;
      if (this.#hasRoom(host)) {
        this.#begin(queue, host, now);
        return queue;
      }
      this.#place(queue);
    }
    return null;
  }

  /** A request to `url` has ended, after `tookMs` milliseconds. */
  ended(queue: WebhookQueue, url: string, tookMs: number, now: number): void {
    this.#leave(queue);
    const host = url === queue.url ? queue.host : this.#hosts.get(originOf(url));
    this.#sending -= 1;
    if (queue.isSlow) this.#slowSending -= 1;
    queue.sending -= 1;
    this.#setSlow(queue, tookMs >= SLOW_AFTER_MS);
    this.#moving.delete(queue);
    if (queue.sending > 0 && !queue.isSlow) this.#move(queue, now);
    if (host) {
      host.sending -= 1;
      this.#unpark(host);
      this.#dropIfIdle(host);
    }
    this.enter(queue);
  }

  /** The one place that says how many requests of a webhook may be under way at once, whatever the others do. */
  #limitOf(queue: WebhookQueue): number {
    const { concurrencyPerWebhook, circuits } = this.#options;
    return Math.min(concurrencyPerWebhook, circuits.allowance(queue.webhookId));
  }

  #whoseTurn(): WebhookQueue | null {
    this.#turn += 1;
    const { swift, slow } = this.#ready;
    if (this.#turn % TURNS_TO_A_SLOW_ONE === 0) return this.#ifItMay(slow) ?? this.#ifItMay(swift);
    return this.#ifItMay(swift) ?? this.#ifItMay(slow);
  }

  #ifItMay(queue: WebhookQueue | null): WebhookQueue | null {
    if (queue === null) return null;
    const free = this.#options.concurrency - this.#sending;
    const hasRoom = !queue.isSlow || this.#slowSending < this.#mostSlow;
    if (hasRoom && queue.sending < free * PART_OF_FREE) return queue;
    this.#ready.pass(queue);
    return null;
  }

  #begin(queue: WebhookQueue, host: Host, now: number): void {
    if (queue.sending === 0 && !queue.isSlow) this.#move(queue, now);
    this.#sending += 1;
    if (queue.isSlow) this.#slowSending += 1;
    queue.sending += 1;
    host.sending += 1;
    this.#unpark(host);
    this.#options.circuits.sending(queue.webhookId);
  }

  #noticeSlow(now: number): void {
    for (const queue of this.#moving) {
      if (queue.movedAt > now - SLOW_AFTER_MS) return;
      this.#moving.delete(queue);
      this.#setSlow(queue, true);
    }
  }

  #move(queue: WebhookQueue, now: number): void {
    queue.movedAt = now;
    this.#moving.add(queue);
  }

  #setSlow(queue: WebhookQueue, isSlow: boolean): void {
    if (queue.isSlow === isSlow) return;
    const { place } = queue;
    place?.delete(queue);
    queue.isSlow = isSlow;
    this.#slowSending += isSlow ? queue.sending : -queue.sending;
    place?.add(queue);
  }

  #place(queue: WebhookQueue): void {
    const host = queue.host as Host;
    if (this.#hasRoom(host)) queue.place = this.#ready;
    else {
      host.parked ??= new Levels();
      queue.place = host.parked;
    }
    queue.place.add(queue);
  }

  #remove(queue: WebhookQueue): void {
    queue.place?.delete(queue);
    queue.place = null;
  }

  #leave(queue: WebhookQueue): void {
    if (queue.place === null) return;
    this.#remove(queue);
    if (queue.host) this.#unpark(queue.host);
  }

  /**
   * Brings one back for which the host has room. Called whenever one of the host's goes from the ready ones, this
   * keeps true that nobody is parked at a host that has room and none of whose webhooks is ready.
   */
  #unpark(host: Host): void {
    if (!host.parked || !this.#hasRoom(host)) return;
    const queue = host.parked.swift ?? host.parked.slow;
    if (!queue) return;
    this.#remove(queue);
    this.#place(queue);
  }

  #hasRoom(host: Host): boolean {
    return host.sending < this.#options.concurrencyPerHost;
  }

  #hostOf(url: string): Host {
    const origin = originOf(url);
    let host = this.#hosts.get(origin);
    if (!host) {
      host = { origin, sending: 0, queues: 0, parked: null };
      this.#hosts.set(origin, host);
    }
    return host;
  }

  #setHost(queue: WebhookQueue, host: Host | null): void {
    const before = queue.host;
    if (host) host.queues += 1;
    queue.host = host;
    if (!before) return;
    before.queues -= 1;
    this.#dropIfIdle(before);
  }

  #dropIfIdle(host: Host): void {
    if (host.sending === 0 && host.queues === 0) this.#hosts.delete(host.origin);
  }
}

/** Scheme, host and port. Webhooks' URLs are stored as `URL` writes them, so that parsing each again is not needed. */
function originOf(url: string): string {
  const end = url.indexOf('/', 'https://'.length);
  return end < 0 ? url : url.slice(0, end);
}
