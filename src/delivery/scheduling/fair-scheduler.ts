import type { ReadyDelivery } from '../../domain/delivery.ts';
import { LinkedList } from '../../platform/linked-list.ts';
import type { Circuits } from './circuits.ts';
import { Hosts } from './hosts.ts';
import { InFlightBuckets } from './in-flight-buckets.ts';
import { MAX_SHARE_OF_FREE_REQUESTS, partOf, SUSPECT_SHARE, UNPROVEN_SHARE } from './request-shares.ts';
import type { Host, SchedulingState } from './scheduling-state.ts';
import { WebhookMarks } from './webhook-marks.ts';

export interface FairSchedulerOptions {
  /** Maximum number of requests in flight, for all webhooks together. */
  readonly concurrency: number;
  /** Maximum number of requests in flight of one webhook. */
  readonly concurrencyPerWebhook: number;
  /**
   * Maximum number of requests in flight to one receiving host and port, over all webhooks that point to it.
   */
  readonly concurrencyPerHost: number;
  readonly circuits: Circuits;
}

/**
 * Duration in milliseconds from which a request counts as slow. Working receivers answer in a tenth of this
 * time.
 */
export const SLOW_AFTER_MS = 1_000;
/**
 * Maximum number of parked queues that leave their place when a request has ended. More than one, because a
 * queue may be blocked by its host then.
 */
const MAX_UNPARKED = 4;
/**
 * Interval at which suspect webhooks are preferred: in every eighth selection, so that many busy webhooks
 * cannot starve the suspect webhooks.
 */
const SUSPECT_TURN_INTERVAL = 8;

/**
 * Decides which webhook sends next: the webhook with the fewest requests in flight. Webhooks with the same
 * number of requests in flight take turns (round robin). So a webhook with ten thousand waiting deliveries
 * does not delay a webhook with one delivery. README.md in this folder lists the limits.
 *
 * States of a webhook's queue. While a queue is ready or blocked, its field `place` refers to the buckets
 * that contain the queue:
 *
 *                 a delivery waits, and the webhook is
 *                 below its limit
 *   +------------+ ----------------------------------> +---------+  it is chosen: a request starts,
 *   | idle, or   |                                     |  ready  |  and the state is set again
 *   | at its     | <---------------------------------- +---------+
 *   | limit      |  nothing waits, or the limit is       |     ^
 *   | (no place) |  reached                    no room   |     |  a request to the host ends, or another
 *   |            |                             at host   v     |  queue of the host is not ready any more
 *   |            |                                  +-----------------+
 *   |            | <------------------------------- | blocked by host |
 *   +------------+  nothing waits                   +-----------------+
 *
 * A queue that is chosen while it is new, and while new and suspect webhooks use up their share, is parked. It
 * leaves that place when a request has ended and the share has room again, or when nothing waits any more.
 *
 * In each of these states, the scheduler also rates the webhook's receiver (`isSuspect`, `isKnownHealthy`):
 *
 *   +-----+  its first request  +---------+  a request took less than 1 s       +---------------+
 *   | new | ------------------> | suspect | ----------------------------------> | known healthy |
 *   +-----+                     +---------+ <---------------------------------- +---------------+
 *                                              a request took 1 s or more, or
 *                                              requests are in flight, and none ended for 1 s
 *
 * A queue begins as suspect if the webhook's latest attempt was unanswered and took 1 s or more. It begins as
 * known healthy if the webhook was known healthy when it had its last queue.
 *
 * Every operation takes amortized O(1) time, however many webhooks wait.
 */
export class FairScheduler {
  readonly #options: FairSchedulerOptions;
  readonly #ready = new InFlightBuckets<SchedulingState>();
  /** Queues of new webhooks that wait until new and suspect webhooks have fewer requests in flight. */
  readonly #parked = new InFlightBuckets<SchedulingState>();
  readonly #hosts = new Hosts();
  /**
   * Known healthy webhooks with requests in flight. The webhook with the oldest `lastProgressAt` comes first.
   */
  readonly #inProgress = new LinkedList<SchedulingState>();
  /** Webhooks that answered fast when they were last in memory. */
  readonly #knownHealthy = new WebhookMarks();
  /** Webhooks that failed when the last process ended, and were not found healthy since. */
  readonly #failedBefore = new WebhookMarks();
  readonly #maxSuspectInFlight: number;
  readonly #maxUnprovenInFlight: number;
  readonly #maxSuspectInFlightPerHost: number;
  #inFlight = 0;
  /** Number of requests in flight of webhooks that are not known healthy. The first request makes a webhook suspect. */
  #suspectInFlight = 0;
  #turn = 0;
  /** Time of the last call of `next`. */
  #now = 0;
  /** Last time at which a suspect webhook had to wait, because suspect webhooks used up their share. */
  #crowdedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FairSchedulerOptions) {
    this.#options = options;
    this.#maxSuspectInFlight = partOf(options.concurrency, SUSPECT_SHARE);
    this.#maxUnprovenInFlight = Math.ceil(options.concurrency * UNPROVEN_SHARE);
    this.#maxSuspectInFlightPerHost = partOf(options.concurrencyPerHost, SUSPECT_SHARE);
  }

  /** Whether no host is in use and no request is in flight. Tests read this to see that nothing leaks. */
  get isIdle(): boolean {
    return this.#hosts.size === 0 && this.#inProgress.first === null;
  }

  /** Whether any queue is ready. `false`: `next` returns `null`. */
  get hasReady(): boolean {
    return !this.#ready.isEmpty;
  }

  /** Marks webhooks as suspect that failed when the last process ended. */
  noteFailing(webhookIds: readonly string[]): void {
    for (const webhookId of webhookIds) this.#failedBefore.add(webhookId);
  }

  /**
   * Must be called when a queue is created. Marks the webhook as suspect if its latest failure was slow, and as
   * known healthy if it answered fast when it had its last queue.
   */
  register(state: SchedulingState): void {
    const { webhookId } = state.queue;
    // Reads the latest failure from the webhook's circuit, because the webhook might have had an earlier
    // queue, whose state is lost.
    const wasSlow = this.#options.circuits.lastFailureMs(webhookId) >= SLOW_AFTER_MS;
    state.isSuspect = wasSlow || this.#failedBefore.has(webhookId);
    state.isKnownHealthy = !state.isSuspect && this.#knownHealthy.has(webhookId);
  }

  /**
   * Returns whether a suspect webhook has had to wait since the time `since`, because suspect webhooks use up
   * their share of all requests, or whether one waits for its share of the requests to this webhook's host. Each
   * request to a receiver that hangs then keeps another webhook waiting.
   */
  isCrowded({ host }: SchedulingState, since: number): boolean {
    return this.#crowdedAt >= since || (host?.blocked?.nextSuspect ?? null) !== null;
  }

  /**
   * Removes a queue from the scheduler. Must be called when the queue is dropped, after the last of its
   * deliveries has left memory.
   */
  unregister(state: SchedulingState): void {
    const { webhookId } = state.queue;
    if (state.isKnownHealthy) {
      this.#knownHealthy.add(webhookId);
      this.#failedBefore.delete(webhookId);
    } else this.#knownHealthy.delete(webhookId);
    this.#leave(state);
    this.#hosts.point(state, null);
  }

  /**
   * Makes a queue ready, or blocked by its host, if a delivery waits and the webhook is below its limit. Must
   * be called when a delivery was added, or when the webhook's limit was raised.
   */
  enqueue(state: SchedulingState): void {
    if (state.place !== null) return;
    const { first } = state.queue;
    if (!first || state.inFlight >= this.#limitOf(state)) return;
    const { url } = first.webhook;
    if (url !== state.url) this.#pointTo(state, url);
    this.#place(state);
  }

  /**
   * Removes a queue from the buckets that contain it. Then adds the queue again, as `enqueue` does. Must be
   * called when deliveries were removed, or when the webhook's limit was lowered.
   */
  requeue(state: SchedulingState): void {
    this.#leave(state);
    this.enqueue(state);
  }

  /**
   * Removes and returns the delivery to send now. The delivery counts as in flight until `finished` is
   * called. `null`: no delivery can be sent now.
   */
  next(now: number): ReadyDelivery | null {
    if (this.#inFlight >= this.#options.concurrency) return null;
    this.#markStalled(now);
    this.#now = now;
    for (let state = this.#nextInTurn(); state; state = this.#nextInTurn()) {
      this.#remove(state);
      const host = state.host as Host;
      if (this.#mustPark(state)) {
        this.#park(state);
        continue;
      }
      if (this.#hasRoom(host, state.isSuspect)) {
        this.#begin(state, host, now);
        const delivery = state.queue.removeFirst();
        this.enqueue(state);
        return delivery;
      }
      this.#place(state);
    }
    return null;
  }

  /** Must be called when a request to `url` has ended. The request took `durationMs`. */
  finished(state: SchedulingState, url: string, durationMs: number, now: number): void {
    this.#leave(state);
    const host = url === state.url ? state.host : this.#hosts.find(url);
    this.#inFlight -= 1;
    if (state.isSuspect) this.#countSuspect(state, -1);
    state.inFlight -= 1;
    this.#setSuspect(state, durationMs >= SLOW_AFTER_MS);
    this.#inProgress.delete(state.inProgressNode);
    if (state.inFlight > 0 && state.isKnownHealthy) this.#noteProgress(state, now);
    state.isOnTrial = false;
    if (host) {
      host.inFlight -= 1;
      this.#unblock(host);
      this.#hosts.dropIfIdle(host);
    }
    this.enqueue(state);
    this.#unpark();
  }

  /**
   * Counts a request to `url` that is no delivery against the limits in total and of the host.
   * @returns a function that must be called when the request has ended. `null`: a limit is reached
   */
  reserve(url: string): (() => void) | null {
    const { concurrency, concurrencyPerHost } = this.#options;
    const host = this.#hosts.use(url);
    const isFree = this.#inFlight < concurrency && host.inFlight < concurrencyPerHost;
    const count = (by: 1 | -1) => {
      this.#inFlight += by;
      host.inFlight += by;
      this.#unblock(host);
      this.#hosts.dropIfIdle(host);
    };
    if (isFree) count(1);
    else this.#hosts.dropIfIdle(host);
    return isFree ? () => count(-1) : null;
  }

  /**
   * Returns the maximum number of requests in flight of a webhook, regardless of other webhooks. No other
   * function computes this limit.
   */
  #limitOf({ queue }: SchedulingState): number {
    const { concurrencyPerWebhook, circuits } = this.#options;
    return Math.min(queue.maxInFlight ?? concurrencyPerWebhook, circuits.maxInFlight(queue.webhookId));
  }

  #nextInTurn(): SchedulingState | null {
    this.#turn += 1;
    const { nextHealthy, nextSuspect } = this.#ready;
    if (this.#turn % SUSPECT_TURN_INTERVAL === 0)
      return this.#ifWithinShare(nextSuspect) ?? this.#ifWithinShare(nextHealthy);
    return this.#ifWithinShare(nextHealthy) ?? this.#ifWithinShare(nextSuspect);
  }

  #ifWithinShare(state: SchedulingState | null): SchedulingState | null {
    if (state === null) return null;
    const free = this.#options.concurrency - this.#inFlight;
    const hasRoom = !state.isSuspect || this.#suspectInFlight < this.#maxSuspectInFlight;
    if (!hasRoom) this.#crowdedAt = this.#now;
    if (hasRoom && state.inFlight < free * MAX_SHARE_OF_FREE_REQUESTS) return state;
    this.#ready.rotate(state);
    return null;
  }

  #begin(state: SchedulingState, host: Host, now: number): void {
    if (!state.isKnownHealthy) {
      state.isOnTrial ||= !state.isSuspect;
      this.#setSuspect(state, true);
    } else if (state.inFlight === 0) this.#noteProgress(state, now);
    this.#inFlight += 1;
    if (state.isSuspect) this.#countSuspect(state, 1);
    state.inFlight += 1;
    host.inFlight += 1;
    this.#unblock(host);
    this.#options.circuits.attemptStarted(state.queue.webhookId);
  }

  /** Marks a webhook as suspect if it has requests in flight but made no progress for `SLOW_AFTER_MS`. */
  #markStalled(now: number): void {
    for (let state = this.#inProgress.first; state; state = this.#inProgress.first) {
      if (state.lastProgressAt > now - SLOW_AFTER_MS) return;
      this.#inProgress.delete(state.inProgressNode);
      this.#setSuspect(state, true);
    }
  }

  #noteProgress(state: SchedulingState, now: number): void {
    state.lastProgressAt = now;
    this.#inProgress.add(state.inProgressNode);
  }

  #setSuspect(state: SchedulingState, isSuspect: boolean): void {
    state.isKnownHealthy = !isSuspect;
    if (state.isSuspect === isSuspect) return;
    const { place } = state;
    place?.delete(state);
    state.isSuspect = isSuspect;
    this.#countSuspect(state, isSuspect ? state.inFlight : -state.inFlight);
    place?.add(state);
  }

  /**
   * Adds `requests` of a suspect webhook to two counts: the count of all suspect webhooks, and the count of
   * the host to which the webhook's queue points. This host is used even if the requests went to an earlier
   * host of the webhook.
   */
  #countSuspect(state: SchedulingState, requests: number): void {
    this.#suspectInFlight += requests;
    if (state.host) state.host.suspectInFlight += requests;
  }

  #pointTo(state: SchedulingState, url: string): void {
    const before = state.host;
    this.#hosts.point(state, url);
    if (before) this.#unblock(before);
  }

  #place(state: SchedulingState): void {
    const host = state.host as Host;
    if (this.#hasRoom(host, state.isSuspect)) state.place = this.#ready;
    else {
      host.blocked ??= new InFlightBuckets();
      state.place = host.blocked;
    }
    state.place.add(state);
  }

  /** Returns whether a webhook is new, and webhooks that are not known healthy use up their share. */
  #mustPark({ isKnownHealthy, isSuspect }: SchedulingState): boolean {
    return !isKnownHealthy && !isSuspect && this.#suspectInFlight >= this.#maxUnprovenInFlight;
  }

  #park(state: SchedulingState): void {
    state.place = this.#parked;
    this.#parked.add(state);
    if (state.host) this.#unblock(state.host);
  }

  /** Makes some parked queues ready, or blocked by their hosts, if new webhooks may send again. */
  #unpark(): void {
    for (let n = 0; n < MAX_UNPARKED && this.#suspectInFlight < this.#maxUnprovenInFlight; n += 1) {
      const state = this.#parked.nextHealthy;
      if (!state) return;
      this.#remove(state);
      this.#place(state);
    }
  }

  #remove(state: SchedulingState): void {
    state.place?.delete(state);
    state.place = null;
  }

  #leave(state: SchedulingState): void {
    if (state.place === null) return;
    this.#remove(state);
    if (state.host) this.#unblock(state.host);
  }

  /**
   * Makes one blocked queue of a host ready, if the host has room for a request of that queue. Must be called
   * whenever a queue of the host leaves `#ready`. Invariant: a host with room and with blocked queues has at
   * least one ready queue.
   */
  #unblock(host: Host): void {
    if (!host.blocked) return;
    const state = host.blocked.nextHealthy ?? host.blocked.nextSuspect;
    if (!state || !this.#hasRoom(host, state.isSuspect)) return;
    this.#remove(state);
    this.#place(state);
  }

  #hasRoom(host: Host, isSuspect: boolean): boolean {
    if (host.inFlight >= this.#options.concurrencyPerHost) return false;
    return !isSuspect || host.suspectInFlight < this.#maxSuspectInFlightPerHost;
  }
}
