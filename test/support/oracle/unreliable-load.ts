import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../service/api-client.ts';
import { untilAnswering } from '../service/until-answering.ts';
import type { PublishedOnce } from './delivery-history.ts';

const PUBLISHERS = 12;
/**
 * Number of media whose events each publisher mixes in its requests, and of events after which a media is replaced.
 */
const MEDIA_AT_ONCE = 2;
const EVENTS_A_MEDIA = 12;
const MAX_EVENTS_A_REQUEST = 5;
/**
 * Milliseconds between two requests of a publisher, so that lanes keep up, most of whose receivers are slow at times.
 */
const PAUSE_MS = { from: 200, to: 500 };
/** Share of the requests answered 202 that are sent once more, as by a platform that lost the answer. */
const REPEATED = 0.05;

export interface LoadOptions {
  /** URL of the service. */
  readonly url: string;
  readonly operator: ApiClient;
  readonly userIds: readonly string[];
  readonly random: () => number;
  /** Ends the publishers, whether or not the service runs. */
  readonly signal: AbortSignal;
}

/** Platforms that publish events, singly and in batches, while the service is ended and started. */
export class UnreliableLoad {
  readonly #options: LoadOptions;
  /** Events by their keys. */
  readonly #published = new Map<string, PublishedOnce>();
  readonly #stopped = new AbortController();
  readonly #publishers: Promise<void>[];
  /** Called at the next 202. */
  #acceptance = Promise.withResolvers<void>();
  /** Number of requests that got no answer. */
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

  /** Fulfils when all publishers have ended. The service must run, because some retry until they get an answer. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#publishers);
  }

  /**
   * Odd publishers retry a request without an answer until they get one, as a platform should. Even publishers never
   * do, and continue with the next.
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

  /** Number of events that each publisher has made for each of its media. */
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
      // 503: the service is stopping.
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
