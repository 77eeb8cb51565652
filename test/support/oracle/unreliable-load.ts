import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../service/api-client.ts';
import { untilAnswering } from '../service/until-answering.ts';
import type { PublishedOnce } from './delivery-history.ts';

const PUBLISHERS = 12;
/** Number of media for which each publisher mixes events in its requests. */
const MEDIA_AT_ONCE = 2;
const EVENTS_A_MEDIA = 12;
const MAX_EVENTS_A_REQUEST = 5;
/**
 * Milliseconds between two requests of a publisher. The pause lets lanes keep up, because most receivers are
 * slow at times.
 */
const PAUSE_MS = { from: 200, to: 500 };
/**
 * Share of the requests answered with 202 that are sent once more, as a platform does that has lost the
 * answer.
 */
const REPEATED = 0.05;

export interface LoadOptions {
  /** URL of the service. */
  readonly url: string;
  readonly operator: ApiClient;
  readonly userIds: readonly string[];
  readonly random: () => number;
  /** Ends the publishers when it is aborted, whether the service runs or not. */
  readonly signal: AbortSignal;
}

/** Publishers that send single events and batches while the service is ended and started again. */
export class UnreliableLoad {
  readonly #options: LoadOptions;
  /** Published events by their keys. */
  readonly #published = new Map<string, PublishedOnce>();
  readonly #stopped = new AbortController();
  readonly #publishers: Promise<void>[];
  /** Settles at the next answer with 202. */
  #acceptance = Promise.withResolvers<void>();
  /** Number of publishing requests that got no answer. */
  unanswered = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#publishers = Array.from({ length: PUBLISHERS }, (_, n) => this.#publishAll(n));
  }

  get published(): PublishedOnce[] {
    return [...this.#published.values()];
  }

  /** Number of events that were accepted so far. */
  get accepted(): number {
    return this.#published.values().reduce((count, event) => count + (event.accepted ? 1 : 0), 0);
  }

  /** Fulfils at the next answer with 202. */
  untilAccepted(): Promise<void> {
    return this.#acceptance.promise;
  }

  /**
   * Stops the publishers. Fulfils when all of them have ended. The service must be running, because some
   * publishers retry until they get an answer.
   */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#publishers);
  }

  /**
   * Publishes until `stop` is called. Publishers with an odd number retry a request without an answer until
   * they get one, as a platform should. Publishers with an even number never retry, and continue with the
   * next request.
   */
  async #publishAll(publisher: number): Promise<void> {
    const { random, userIds, signal } = this.#options;
    const userId = userIds[publisher % userIds.length] as string;
    for (let request = 0; !this.#stopped.signal.aborted && !signal.aborted; request += 1) {
      const batch = this.#newBatch(userId, `${publisher}.${request}`, publisher);
      let isAccepted = await this.#publish(batch);
      while (!isAccepted && publisher % 2 === 1 && !signal.aborted) isAccepted = await this.#publish(batch);
      if (isAccepted && random() < REPEATED) await this.#publish(batch);
      await delay(PAUSE_MS.from + random() * (PAUSE_MS.to - PAUSE_MS.from));
    }
  }

  /** Number of events that were made so far, by publisher and index of the media. */
  readonly #made = new Map<string, number>();

  #newBatch(userId: string, batch: string, publisher: number): PublishedOnce[] {
    const { random } = this.#options;
    const size = random() < 0.4 ? 1 : 2 + Math.floor(random() * (MAX_EVENTS_A_REQUEST - 1));
    return Array.from({ length: size }, () => {
      const side = `${publisher}-${Math.floor(random() * MEDIA_AT_ONCE)}`;
      const count = (this.#made.get(side) ?? 0) + 1;
      this.#made.set(side, count);
      const mediaId = `${side}-${Math.floor(count / EVENTS_A_MEDIA)}`;
      const type = count % 4 === 3 ? 'encoding.finished' : 'partial.finished';
      const key = `${mediaId}/${count}`;
      return { key, userId, mediaId, number: count, type, batch, accepted: false };
    });
  }

  async #publish(batch: readonly PublishedOnce[]): Promise<boolean> {
    for (const event of batch) this.#published.getOrInsert(event.key, event);
    const events = batch.map(({ key, type, mediaId, userId }) => ({
      event_id: key,
      type,
      media_id: mediaId,
      title: key,
      user_id: userId,
    }));
    const body = events.length === 1 ? events[0] : events;
    const answer = await this.#options.operator.call('POST', '/events', body).catch(() => null);
    if (answer?.status !== 202) {
      // The service answers with 503 while it is stopping.
      assert.ok(answer === null || answer.status === 503, JSON.stringify(answer));
      this.unanswered += 1;
      await untilAnswering(this.#options.url, this.#options.signal);
      return false;
    }
    for (const event of batch) this.#published.set(event.key, { ...event, accepted: true });
    this.#acceptance.resolve();
    this.#acceptance = Promise.withResolvers();
    return true;
  }
}
