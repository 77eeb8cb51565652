import type { ReadyDelivery } from '../../domain/delivery.ts';
import { LinkedList } from '../../platform/linked-list.ts';
import type { Circuits } from './circuits.ts';
import { Hosts } from './hosts.ts';
import { InFlightBuckets } from './in-flight-buckets.ts';
import type { Host, SchedulingState } from './scheduling-state.ts';

export interface FairSchedulerOptions {
  /** Maximum number of requests in flight. */
  readonly concurrency: number;
  /** Maximum number of requests in flight of one webhook. */
  readonly concurrencyPerWebhook: number;
  /** Maximum number of requests in flight to one receiving host and port, over all webhooks that point to it. */
  readonly concurrencyPerHost: number;
  readonly circuits: Circuits;
}

/**
 * Part of the free requests that one webhook may have. A lone webhook gets its limit of ten as long as eighty are free.
 * A hundred webhooks that all begin to hang within the same second leave seventy for the others, two hundred leave
 * thirty.
 */
const MAX_SHARE_OF_FREE_REQUESTS = 1 / 8;
/** Milliseconds from which a request counts as slow. Receivers that work take a tenth of it. */
export const SLOW_AFTER_MS = 1_000;
/**
 * Part of all requests in flight, and of those to one host, that all suspect webhooks together may have. The rest is
 * for webhooks that are known to answer fast, and for the first request of each webhook. A smaller part would waste
 * more where all receivers are slow.
 */
const SUSPECT_SHARE = 1 / 2;
/** Every eighth turn is offered to suspect webhooks first, so that many busy webhooks cannot starve them. */
const SUSPECT_TURN_INTERVAL = 8;

/**
 * Decides which webhook sends next: the one with the fewest requests in flight, round robin among equals, so that a
 * webhook with ten thousand waiting deliveries does not delay one with a single delivery. README.md lists the limits.
 *
 * A queue with something to send is in one of two places (`place`):
 *
 *                 a delivery waits, and the webhook is
 *                 below its limit
 *   +------------+ ----------------------------------> +---------+  its turn: a request is in flight,
 *   | idle, or   |                                     |  ready  |  and the queue is placed again
 *   | at its     | <---------------------------------- +---------+
 *   | limit      |  nothing waits, or the limit is       |     ^
 *   | (no place) |  reached                    no room   |     |  a request to the host ends, or another
 *   |            |                             at host   v     |  of its queues leaves `ready`
 *   |            |                                  +-----------------+
 *   |            | <------------------------------- | blocked by host |
 *   +------------+  nothing waits                   +-----------------+
 *
 * The scheduler also notes what is known about the receiver (`isSuspect`, `isKnownHealthy`), whatever the place:
 *
 *   +-----+  its first request  +---------+  a request took less than 1 s       +---------------+
 *   | new | ------------------> | suspect | ----------------------------------> | known healthy |
 *   +-----+                     +---------+ <---------------------------------- +---------------+
 *                                              a request took 1 s or more, or
 *                                              none of those in flight ended for 1 s
 *
 * A webhook that comes back to memory begins as suspect if its last failure took 1 s or more.
 *
 * Every step is O(1) in the number of waiting webhooks, amortized.
 */
export class FairScheduler {
  readonly #options: FairSchedulerOptions;
  readonly #ready = new InFlightBuckets<SchedulingState>();
  readonly #hosts = new Hosts();
  /** Known healthy webhooks with requests in flight. The webhook without progress for the longest time comes first. */
  readonly #inProgress = new LinkedList<SchedulingState>();
  readonly #maxSuspectInFlight: number;
  readonly #maxSuspectInFlightPerHost: number;
  #inFlight = 0;
  #suspectInFlight = 0;
  #turn = 0;

  constructor(options: FairSchedulerOptions) {
    this.#options = options;
    this.#maxSuspectInFlight = suspectShareOf(options.concurrency);
    this.#maxSuspectInFlightPerHost = suspectShareOf(options.concurrencyPerHost);
  }

  /** Whether no host and no request in flight is known. For tests that nothing leaks. */
  get isIdle(): boolean {
    return this.#hosts.size === 0 && this.#inProgress.first === null;
  }

  /** Whether any queue is ready. `false`: `next` returns `null`. */
  get hasReady(): boolean {
    return !this.#ready.isEmpty;
  }

  /** Must be called when a queue is created. */
  register(state: SchedulingState): void {
    // The queue is new, but the webhook may not be: only its last failure is remembered.
    state.isSuspect = this.#options.circuits.lastFailureMs(state.queue.webhookId) >= SLOW_AFTER_MS;
  }

  /** Must be called when a queue is dropped because nothing of it is buffered. */
  unregister(state: SchedulingState): void {
    this.#leave(state);
    this.#hosts.point(state, null);
  }

  /** Must be called when the first delivery waits, or when more may be sent than before. */
  enqueue(state: SchedulingState): void {
    if (state.place !== null) return;
    const { first } = state.queue;
    if (!first || state.inFlight >= this.#limitOf(state)) return;
    const { url } = first.webhook;
    if (url !== state.url) this.#pointTo(state, url);
    this.#place(state);
  }

  /** Must be called when nothing waits any more, or when less may be sent than before. */
  requeue(state: SchedulingState): void {
    this.#leave(state);
    this.enqueue(state);
  }

  /**
   * Removes and returns the delivery to send now. It counts as in flight until `finished`. `null`: nothing may be sent.
   */
  next(now: number): ReadyDelivery | null {
    if (this.#inFlight >= this.#options.concurrency) return null;
    this.#markStalled(now);
    for (let state = this.#nextInTurn(); state; state = this.#nextInTurn()) {
      this.#remove(state);
      const host = state.host as Host;
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

  /** Must be called when a request to `url` has ended, after `durationMs`. */
  finished(state: SchedulingState, url: string, durationMs: number, now: number): void {
    this.#leave(state);
    const host = url === state.url ? state.host : this.#hosts.find(url);
    this.#inFlight -= 1;
    if (state.isSuspect) this.#countSuspect(state, -1);
    state.inFlight -= 1;
    this.#setSuspect(state, durationMs >= SLOW_AFTER_MS);
    this.#inProgress.delete(state.inProgressNode);
    if (state.inFlight > 0 && state.isKnownHealthy) this.#noteProgress(state, now);
    if (host) {
      host.inFlight -= 1;
      this.#unblock(host);
      this.#hosts.dropIfIdle(host);
    }
    this.enqueue(state);
  }

  /** Returns how many requests of a webhook may be in flight, regardless of other webhooks. Defined only here. */
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
    if (hasRoom && state.inFlight < free * MAX_SHARE_OF_FREE_REQUESTS) return state;
    this.#ready.rotate(state);
    return null;
  }

  #begin(state: SchedulingState, host: Host, now: number): void {
    if (!state.isKnownHealthy) this.#setSuspect(state, true);
    else if (state.inFlight === 0) this.#noteProgress(state, now);
    this.#inFlight += 1;
    if (state.isSuspect) this.#countSuspect(state, 1);
    state.inFlight += 1;
    host.inFlight += 1;
    this.#unblock(host);
    this.#options.circuits.attemptStarted(state.queue.webhookId);
  }

  /** Marks webhooks as suspect for which no request has ended for `SLOW_AFTER_MS`. */
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

  /** Counts a suspect webhook's requests at the host of its next delivery, even if they went to an earlier host. */
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
   * Makes one blocked queue ready if the host has room for it. Must be called whenever a queue of the host leaves
   * `#ready`. Invariant: a host with room and with blocked queues has at least one ready queue.
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

function suspectShareOf(requests: number): number {
  return Math.max(1, Math.floor(requests * SUSPECT_SHARE));
}
