import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../service/api-client.ts';
import { untilAnswering } from '../service/until-answering.ts';
import type { PublishedOnce } from './delivery-history.ts';

const PUBLISHERS = 12;
/** Media whose events each publisher mixes in its requests; after so many events come others. */
const MEDIA_AT_ONCE = 2;
const EVENTS_A_MEDIA = 12;
const MOST_EVENTS_A_REQUEST = 5;
/** Between two requests of a publisher: so that lanes, most of whose receivers are slow at times, keep up. */
const PAUSE_MS = { from: 200, to: 500 };
/** Of requests answered 202, those that are made once more, as by a platform that lost the answer. */
const REPEATED = 0.05;

export interface LoadOptions {
  /** Of the service. */
  readonly url: string;
  readonly operator: ApiClient;
  readonly userIds: readonly string[];
  readonly random: () => number;
  /** Ends it all, whether or not the service is there. */
  readonly signal: AbortSignal;
}

/** Platforms that publish events, singly and in batches, while the service comes and goes. */
export class UnreliableLoad {
  readonly #options: LoadOptions;
  /** By their keys. */
  readonly #published = new Map<string, PublishedOnce>();
  readonly #stopped = new AbortController();
  readonly #publishers: Promise<void>[];
  /** Told of the next 202. */
  #acceptance = Promise.withResolvers<void>();
  /** Requests that no answer came to. */
  unanswered = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#publishers = Array.from({ length: PUBLISHERS }, (_, n) => this.#publishAll(n));
  }

  get published(): PublishedOnce[] {
    return [...this.#published.values()];
  }

  /** Fulfils as soon as events are answered with 202. */
  untilAccepted(): Promise<void> {
    return this.#acceptance.promise;
  }

  /** Fulfils when all publishers have ended. The service is to be there, for some ask until they are answered. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#publishers);
  }

  /**
   * Odd publishers hand in what was not answered again until it is, as a platform should; even ones never do, and
   * go on with the next.
   */
  async #publishAll(publisher: number): Promise<void> {
    const { random, userIds, signal } = this.#options;
    const userId = userIds[publisher % userIds.length] as string;
    for (let request = 0; !this.#stopped.signal.aborted; request += 1) {
      const batch = this.#newBatch(userId, `${publisher}.${request}`, publisher);
      let isAccepted = await this.#publish(batch);
      while (!isAccepted && publisher % 2 === 1 && !signal.aborted) isAccepted = await this.#publish(batch);
      if (isAccepted && random() < REPEATED) await this.#publish(batch);
      await delay(PAUSE_MS.from + random() * (PAUSE_MS.to - PAUSE_MS.from));
    }
  }

  /** How many events each publisher has made of each of its media. */
  readonly #made = new Map<string, number>();

  #newBatch(userId: string, batch: string, publisher: number): PublishedOnce[] {
    const { random } = this.#options;
    const size = random() < 0.4 ? 1 : 2 + Math.floor(random() * (MOST_EVENTS_A_REQUEST - 1));
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
      // 503: it is stopping.
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
