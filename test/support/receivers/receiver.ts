import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A request that arrived at a receiver. */
export interface Received {
  /** Time of arrival in milliseconds since the epoch. */
  readonly at: number;
  readonly id: string;
  readonly body: string;
  readonly event: {
    type: string;
    media_id: string;
    qualities: string;
    status: string;
    [field: string]: unknown;
  };
  /**
   * Whether the published library verifies the request. False if the receiver does not know the secret yet.
   */
  readonly verified: boolean;
  readonly contentType: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export type Answer = (request: Received, response: ServerResponse, nth: number) => void;

/**
 * Maximum milliseconds that `until` waits. This is longer than any test needs, and ends a wait with an error
 * that explains more than a test that never ends.
 */
const MAX_WAIT_MS = 60_000;

const OK: Answer = (_request, response) => void response.end('ok');

/**
 * Webhook receiver on the loopback interface. It verifies requests with the published library, and keeps
 * them.
 */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));
  #verifiers: Webhook[] = [];
  #answer: Answer = OK;
  #waiting: { condition: () => boolean; resolve: () => void }[] = [];

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  trust(secret: string): void {
    this.#verifiers.push(new Webhook(secret));
  }

  answer(answer: Answer): void {
    this.#answer = answer;
  }

  /** Returns the types of the events that arrived, in the order of arrival. */
  types(mediaId?: string): string[] {
    return this.received
      .filter(({ event }) => !mediaId || event.media_id === mediaId)
      .map(({ event }) => event.type);
  }

  /** Returns the titles of the events that arrived, in the order of arrival. */
  titles(): unknown[] {
    return this.received.map(({ event }) => event.title);
  }

  /** Fulfils when `condition` holds for the requests that arrived. Rejects after `MAX_WAIT_MS`. */
  async until(condition: (received: readonly Received[]) => boolean): Promise<void> {
    const holds = () => condition(this.received);
    if (holds()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ condition: holds, resolve });
    const tooLong = setTimeout(() => {
      reject(new Error(`waited ${MAX_WAIT_MS} ms in vain; received: ${this.types().join(', ')}`));
    }, MAX_WAIT_MS);
    await promise.finally(() => clearTimeout(tooLong));
  }

  /** Fulfils when `count` requests have arrived. */
  untilCount(count: number): Promise<void> {
    return this.until((received) => received.length >= count);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A request is ignored if its sender was killed before the request was complete.
    const chunks = await request.toArray().catch(() => null);
    if (!chunks) return;
    const body = Buffer.concat(chunks).toString('utf8');
    const received: Received = {
      at: Date.now(),
      id: String(request.headers['webhook-id']),
      body,
      event: JSON.parse(body),
      verified: this.#verifiers.some((verifier) => isVerified(verifier, body, request.headers)),
      contentType: request.headers['content-type'],
      headers: request.headers,
    };
    this.received.push(received);
    this.#answer(received, response, this.received.length);
    this.#waiting = this.#waiting.filter(({ condition, resolve }) => {
      if (!condition()) return true;
      resolve();
      return false;
    });
  }
}

/** Returns whether the published library verifies the request. */
export function isVerified(verifier: Webhook, body: string, headers: IncomingHttpHeaders): boolean {
  try {
    verifier.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns an `Answer` that answers each request after `afterMs` milliseconds. `most` returns the maximum
 * number of requests that were in flight at the same time.
 */
export function countingAnswers(afterMs: number): { readonly answer: Answer; most(): number } {
  let inFlight = 0;
  let most = 0;
  const answer: Answer = (_request, response) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    setTimeout(() => {
      inFlight -= 1;
      response.end();
    }, afterMs);
  };
  return { answer, most: () => most };
}
