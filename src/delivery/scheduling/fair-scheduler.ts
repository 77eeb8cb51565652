import { LinkedList } from '../../platform/linked-list.ts';
import type { Circuits } from './circuits.ts';
import { type Host, Hosts } from './hosts.ts';
import { InFlightBuckets } from './in-flight-buckets.ts';
import type { WebhookQueue } from './webhook-queue.ts';

export interface FairSchedulerOptions {
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Of these, those of one webhook. */
  readonly concurrencyPerWebhook: number;
  /** Of these, those to one receiving host and port, over all webhooks that point there. */
  readonly concurrencyPerHost: number;
  readonly circuits: Circuits;
}

/**
 * A webhook may have an eighth of the requests that are free. A lone one gets its ten as long as eighty are free; a
 * hundred that all begin to hang within the same second leave seventy for the others, two hundred leave thirty.
 */
const PART_OF_FREE = 1 / 8;
/** What takes less, in milliseconds, was answered fast; receivers that work take a tenth of it. */
export const SLOW_AFTER_MS = 1_000;
/**
 * Doubtful webhooks may together have so much of all requests under way, and of those to a host. The rest is for those
 * that are known to be answered fast, and for everybody's first; a smaller part would waste more where all receivers
 * are slow.
 */
const PART_OF_DOUBTFUL = 1 / 2;
/** Of so many turns one is offered to doubtful webhooks first, so that many busy ones can't keep them out for good. */
const TURNS_TO_A_DOUBTFUL_ONE = 8;

/**
 * Who sends next. Webhooks with the fewest requests under way come first, by turns among equals, so that one with
 * ten thousand waiting does not delay one with a single delivery. What may be under way is bounded
 *
 * - in all, for each webhook, and for each receiving host;
 * - by what is free: no webhook may have more than a part of it (Choudhury and Hahne, Dynamic Queue Length
 *   Thresholds for Shared-Memory Packet Switches, 1998), so that many who start to hang at once leave some;
 * - for doubtful webhooks together: those whose latest request took more than a second, that have had some under way
 *   for so long without an end, or whose first ones are under way;
 * - by the webhook's circuit.
 *
 * Every step costs the same however many webhooks wait, over the long run. A webhook whose host has no room is
 * parked there, and each request that ends brings back one.
 */
export class FairScheduler {
  readonly #options: FairSchedulerOptions;
  readonly #ready = new InFlightBuckets<WebhookQueue>();
  readonly #hosts = new Hosts();
  /** The proven ones with requests under way; who has waited longest for one to end comes first. */
  readonly #moving = new LinkedList<WebhookQueue>();
  readonly #mostDoubtful: number;
  readonly #mostDoubtfulPerHost: number;
  #sending = 0;
  #doubtfulSending = 0;
  #turn = 0;

  constructor(options: FairSchedulerOptions) {
    this.#options = options;
    this.#mostDoubtful = doubtfulPartOf(options.concurrency);
    this.#mostDoubtfulPerHost = doubtfulPartOf(options.concurrencyPerHost);
  }

  /** Whether it knows of no host and of no request under way: for tests that nothing is left behind. */
  get isIdle(): boolean {
    return this.#hosts.size === 0 && this.#moving.first === null;
  }

  /** To be called when a queue is new. */
  register(queue: WebhookQueue): void {
    // It may have been here before, and have left no more than that behind.
    queue.isSuspect = this.#options.circuits.lastFailureMs(queue.webhookId) >= SLOW_AFTER_MS;
  }

  /** To be called when a queue holds nothing any more. */
  unregister(queue: WebhookQueue): void {
    this.#leave(queue);
    this.#hosts.point(queue, null);
  }

  /** To be called when something waits that did not, or when more may be sent than before. */
  enqueue(queue: WebhookQueue): void {
    if (queue.place !== null) return;
    const { first } = queue;
    if (!first || queue.inFlight >= this.#limitOf(queue)) return;
    const { url } = first.webhook;
    if (url !== queue.url) this.#pointTo(queue, url);
    this.#place(queue);
  }

  /** To be called when nothing waits any more, or when less may be sent than before. */
  requeue(queue: WebhookQueue): void {
    this.#leave(queue);
    this.enqueue(queue);
  }

  /** The queue whose first is to be sent now; that counts as under way until `ended`. */
  next(now: number): WebhookQueue | null {
    if (this.#sending >= this.#options.concurrency) return null;
    this.#noticeStalled(now);
    for (let queue = this.#whoseTurn(); queue; queue = this.#whoseTurn()) {
      this.#remove(queue);
      const host = queue.host as Host;
      if (this.#hasRoom(host, queue.isSuspect)) {
        this.#begin(queue, host, now);
        return queue;
      }
      this.#place(queue);
    }
    return null;
  }

  /** A request to `url` has ended, after `tookMs` milliseconds. */
  finished(queue: WebhookQueue, url: string, tookMs: number, now: number): void {
    this.#leave(queue);
    const host = url === queue.url ? queue.host : this.#hosts.find(url);
    this.#sending -= 1;
    if (queue.isSuspect) this.#countDoubtful(queue, -1);
    queue.inFlight -= 1;
    this.#setDoubtful(queue, tookMs >= SLOW_AFTER_MS);
    this.#moving.delete(queue.movingLink);
    if (queue.inFlight > 0 && queue.isProven) this.#move(queue, now);
    if (host) {
      host.sending -= 1;
      this.#unpark(host);
      this.#hosts.dropIfIdle(host);
    }
    this.enqueue(queue);
  }

  /** The one place that says how many requests of a webhook may be under way at once, whatever the others do. */
  #limitOf({ webhookId, maxInFlight }: WebhookQueue): number {
    const { concurrencyPerWebhook, circuits } = this.#options;
    return Math.min(maxInFlight ?? concurrencyPerWebhook, circuits.allowance(webhookId));
  }

  #whoseTurn(): WebhookQueue | null {
    this.#turn += 1;
    const { nextHealthy, nextSuspect } = this.#ready;
    if (this.#turn % TURNS_TO_A_DOUBTFUL_ONE === 0)
      return this.#ifItMay(nextSuspect) ?? this.#ifItMay(nextHealthy);
    return this.#ifItMay(nextHealthy) ?? this.#ifItMay(nextSuspect);
  }

  #ifItMay(queue: WebhookQueue | null): WebhookQueue | null {
    if (queue === null) return null;
    const free = this.#options.concurrency - this.#sending;
    const hasRoom = !queue.isSuspect || this.#doubtfulSending < this.#mostDoubtful;
    if (hasRoom && queue.inFlight < free * PART_OF_FREE) return queue;
    this.#ready.rotate(queue);
    return null;
  }

  #begin(queue: WebhookQueue, host: Host, now: number): void {
    if (!queue.isProven) this.#setDoubtful(queue, true);
    else if (queue.inFlight === 0) this.#move(queue, now);
    this.#sending += 1;
    if (queue.isSuspect) this.#countDoubtful(queue, 1);
    queue.inFlight += 1;
    host.sending += 1;
    this.#unpark(host);
    this.#options.circuits.sending(queue.webhookId);
  }

  #noticeStalled(now: number): void {
    for (let queue = this.#moving.first; queue; queue = this.#moving.first) {
      if (queue.movedAt > now - SLOW_AFTER_MS) return;
      this.#moving.delete(queue.movingLink);
      this.#setDoubtful(queue, true);
    }
  }

  #move(queue: WebhookQueue, now: number): void {
    queue.movedAt = now;
    this.#moving.add(queue.movingLink);
  }

  #setDoubtful(queue: WebhookQueue, isDoubtful: boolean): void {
    queue.isProven = !isDoubtful;
    if (queue.isSuspect === isDoubtful) return;
    const { place } = queue;
    place?.delete(queue);
    queue.isSuspect = isDoubtful;
    this.#countDoubtful(queue, isDoubtful ? queue.inFlight : -queue.inFlight);
    place?.add(queue);
  }

  /** A doubtful webhook's requests count for the host that its next goes to, wherever its latest went. */
  #countDoubtful(queue: WebhookQueue, requests: number): void {
    this.#doubtfulSending += requests;
    if (queue.host) queue.host.doubtfulSending += requests;
  }

  #pointTo(queue: WebhookQueue, url: string): void {
    const before = queue.host;
    this.#hosts.point(queue, url);
    if (before) this.#unpark(before);
  }

  #place(queue: WebhookQueue): void {
    const host = queue.host as Host;
    if (this.#hasRoom(host, queue.isSuspect)) queue.place = this.#ready;
    else {
      host.parked ??= new InFlightBuckets();
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
    if (!host.parked) return;
    const queue = host.parked.nextHealthy ?? host.parked.nextSuspect;
    if (!queue || !this.#hasRoom(host, queue.isSuspect)) return;
    this.#remove(queue);
    this.#place(queue);
  }

  #hasRoom(host: Host, isDoubtful: boolean): boolean {
    if (host.sending >= this.#options.concurrencyPerHost) return false;
    return !isDoubtful || host.doubtfulSending < this.#mostDoubtfulPerHost;
  }
}

function doubtfulPartOf(requests: number): number {
  return Math.max(1, Math.floor(requests * PART_OF_DOUBTFUL));
}
