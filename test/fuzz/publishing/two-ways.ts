import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyRequest } from 'fastify';
import type { BodyMemory } from '../../../src/http/hooks/body-memory.ts';
import type { Publication } from '../../../src/storage/contracts/events.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { basicHeaders } from '../../support/service/api-client.ts';
import { scrape } from '../../support/service/metrics.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';
import type { Actor } from '../draft.ts';
import type { Known } from '../known.ts';

/** Error of the next commit, once: `null`: the commit succeeds. */
export type CommitFailure = (() => Error) | null;

/** A service that answers requests to publish in one of the two ways: directly when it can, or always with Fastify. */
export class Way {
  readonly service: TestService;
  /** Events that were committed, with names in place of ids. */
  readonly committed: string[] = [];
  failNext: CommitFailure = null;
  readonly #names = new Map<string, string>();
  #uploadKey: Record<string, string> = {};

  private constructor(service: TestService) {
    this.service = service;
  }

  static async start(publishesDirectly: boolean, bodyMemory?: BodyMemory): Promise<Way> {
    let way: Way | null = null;
    const layer = (storage: Storage): Storage => ({
      ...storage,
      events: {
        commit: (publications, ...rest) => {
          way?.note(publications);
          const failure = way?.failNext;
          if (way) way.failNext = null;
          return failure ? Promise.reject(failure()) : storage.events.commit(publications, ...rest);
        },
      },
    });
    const limits = { MEDIAHOOKS_RATE_LIMIT_ACCOUNT: 'off', MEDIAHOOKS_RATE_LIMIT_ADDRESS: 'off' };
    const service = await startTestService(limits, {
      publishesDirectly,
      layer,
      ...(bodyMemory && { bodyMemory }),
    });
    way = new Way(service);
    way.#names.set(service.operator.credentials.userId, '<operator>');
    way.#names.set(service.client.credentials.userId, '<account>');
    const wanted = { api_key_name: 'uploads', type: 'only_upload' };
    const { api_key: key } = (await service.operator.expect(201, 'POST', '/api_keys', wanted)).data;
    way.#uploadKey = basicHeaders(key.public_key, key.secret);
    return way;
  }

  get url(): string {
    return this.service.service.url;
  }

  /** Returns a text in which ids of this service, of its requests, and times are replaced by names. */
  plain(text: string): string {
    let plain = text;
    for (const [id, name] of this.#names)
      plain = plain.replaceAll(id, name).replaceAll(id.toUpperCase(), name.toUpperCase());
    return plain
      .replaceAll(/^(date: ).*$/gim, '$1<time>')
      .replaceAll(/^(x-request-id: )[\w-]{12}-[0-9a-z]+(\r?)$/gim, '$1<new>$2');
  }

  headersFor(actor: Actor): Record<string, string> {
    const { operator, client } = this.service;
    const { publicKey, secretKey, token } = client.credentials;
    const credentials: Record<Actor, Record<string, string>> = {
      operator: operator.headers,
      'operator token': { authorization: `Bearer ${operator.credentials.token}` },
      'other account': { 'stream-public-key': publicKey, 'stream-secret-key': secretKey },
      'upload key': this.#uploadKey,
      nobody: {},
      stranger: basicHeaders(publicKey, 'no secret'),
      forger: { authorization: `Bearer ${token.slice(0, -8)}AAAAAAAA` },
    };
    return credentials[actor];
  }

  lookUp({ kind, nth }: Known): string {
    const { operator, client } = this.service;
    if (kind === 'actor') return operator.credentials.userId;
    if (kind === 'account' && nth % 3 > 0) return client.credentials.userId;
    return `0197c0de-0000-7000-8000-${String(nth).padStart(12, '0')}`;
  }

  /** Returns how many requests were refused, by limit, and how many events and deliveries were counted. */
  async counts(): Promise<unknown> {
    const samples = await scrape(this.url);
    const names = /^mediahooks_(?:requests_refused|events)/;
    return [...samples].filter(([name]) => names.test(name) && !name.includes('seconds')).toSorted();
  }

  note(publications: readonly Publication[]): void {
    for (const { event, step } of publications) {
      const { id: _id, emittedAt, body, ...rest } = event;
      // The time of an event that names none is that of its request.
      const isOwnTime = Math.abs(emittedAt - Date.now()) < 60_000;
      const time = isOwnTime ? 'now' : emittedAt;
      const plain = isOwnTime ? body.replace(/"emitted_at":"[^"]*"/, '"emitted_at":"now"') : body;
      this.committed.push(this.plain(JSON.stringify({ ...rest, body: plain, time, step })));
    }
  }
}

/** Counts the requests that reach Fastify's route for events, by the port of their service. */
export class RouteCounts {
  readonly #counts = new Map<string, number>();
  readonly #count = (message: unknown) => {
    const { request, route } = message as { request: FastifyRequest; route: { url: string } };
    const port = String(request.socket.localPort);
    if (route.url === '/api/events') this.#counts.set(port, (this.#counts.get(port) ?? 0) + 1);
  };

  constructor() {
    subscribe(ROUTED, this.#count);
  }

  of({ url }: Way): number {
    return this.#counts.get(new URL(url).port) ?? 0;
  }

  stop(): void {
    unsubscribe(ROUTED, this.#count);
  }
}

/** Channel on which Fastify announces each call of a route. */
const ROUTED = 'tracing:fastify.request.handler:start';
