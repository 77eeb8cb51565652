import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A request that a receiver got. */
export interface Received {
  /** Milliseconds since the epoch. */
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
  /** Whether the published library verifies it; false while the receiver knows no secret. */
  readonly verified: boolean;
  readonly contentType: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export type Answer = (request: Received, response: ServerResponse, nth: number) => void;

/** Longer than any test has to wait for one thing, because an error says more than a test that hangs. */
const MAX_WAIT_MS = 60_000;

const OK: Answer = (_request, response) => void response.end('ok');

/** A webhook receiver on loopback, which verifies with the published library and keeps the requests. */
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

  /** Returns the types of the events received, in order of arrival. */
  types(mediaId?: string): string[] {
    return this.received
      .filter(({ event }) => !mediaId || event.media_id === mediaId)
      .map(({ event }) => event.type);
  }

  /** Returns the titles of the events received, in order of arrival. */
  titles(): unknown[] {
    return this.received.map(({ event }) => event.title);
  }

  /** Fulfils once `condition` holds for the received requests; rejects if that takes too long. */
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

  /** Fulfils once `count` requests have arrived. */
  untilCount(count: number): Promise<void> {
    return this.until((received) => received.length >= count);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A sender that is killed during a request has sent nothing.
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

/** Returns whether the published library verifies it. */
export function isVerified(verifier: Webhook, body: string, headers: IncomingHttpHeaders): boolean {
  try {
    verifier.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

/** Answers each request `afterMs` milliseconds after its arrival, and counts the requests in flight at once. */
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
