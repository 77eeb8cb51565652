import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { notFound, ServiceError } from '../../domain/errors.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { WebhookStore } from '../../storage/contracts/webhooks.ts';
import {
  DEFAULT_BEHAVIOUR,
  type Inbox,
  type InboxBehaviour,
  type InboxRequest,
  keepRequest,
  nextAnswer,
} from './inbox.ts';
import { verifySignature } from './verify-signature.ts';

/** Milliseconds that an inbox exists: a day. */
const LIFE_MS = 24 * 3_600_000;
/** Maximum number of inboxes of one account, and of all accounts. */
const MOST_PER_ACCOUNT = 5;
const MOST_INBOXES = 100;
/** Maximum number of requests that an inbox receives in a second. Further ones are answered 429, and not kept. */
const MOST_A_SECOND = 50;
/** Maximum number of requests of an inbox whose answers wait. Further ones are answered 503. */
const MOST_WAITING = 20;
/** Maximum number of listeners of an inbox. */
const MOST_LISTENERS = 10;
/** Maximum bytes of a body that are kept. */
export const MOST_KEPT_BYTES = 64 * 1024;
/** Maximum number of webhooks among which those are searched that send to an inbox. */
const SEARCHED_WEBHOOKS = 100;
const TOKEN_BYTES = 32;

export interface InboxesOptions {
  readonly webhooks: Pick<WebhookStore, 'list'>;
  /** Returns the URL with which every link begins. */
  readonly publicUrl: () => string;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
}

/** A request that arrives. */
export interface Arrival {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answer to an arrival. `done` must be called once that has ended. */
export interface InboxAnswer {
  readonly answer: InboxRequest['answer'];
  readonly done: () => void;
}

interface Kept {
  readonly inbox: Inbox;
  readonly listeners: Set<(request: InboxRequest) => void>;
  waiting: number;
  /** Second in which requests were counted last, and their number. */
  second: number;
  inSecond: number;
}

/**
 * Built-in receivers, with which people try webhooks without a server. They are kept in memory: a day, or until a restart. Their
 * number, the number of requests and their sizes are bounded.
 */
export class Inboxes {
  readonly #options: InboxesOptions;
  readonly #byId = new Map<string, Kept>();
  readonly #byToken = new Map<string, Kept>();

  constructor(options: InboxesOptions) {
    this.#options = options;
  }

  /** @throws ServiceError `limit_reached` or `overloaded` when there are too many inboxes */
  create(userId: string): Inbox {
    this.#removeExpired();
    if (this.list(userId).length >= MOST_PER_ACCOUNT) {
      const message = `the account has ${MOST_PER_ACCOUNT} inboxes, and may have no more: remove one that is not needed`;
      throw new ServiceError('limit_reached', message);
    }
    if (this.#byId.size >= MOST_INBOXES)
      throw new ServiceError('overloaded', 'the service has as many inboxes as it may: try again later');
    const createdAt = this.#options.now();
    const inbox: Inbox = {
      id: randomUUIDv7(),
      userId,
      token: randomBytes(TOKEN_BYTES).toString('base64url'),
      createdAt,
      expiresAt: createdAt + LIFE_MS,
      behaviour: DEFAULT_BEHAVIOUR,
      received: 0,
      requests: [],
    };
    const kept = { inbox, listeners: new Set<never>(), waiting: 0, second: 0, inSecond: 0 };
    this.#byId.set(inbox.id, kept);
    this.#byToken.set(inbox.token, kept);
    return inbox;
  }

  list(userId: string): Inbox[] {
    this.#removeExpired();
    return [...this.#byId.values()].map(({ inbox }) => inbox).filter((inbox) => inbox.userId === userId);
  }

  /** @throws ServiceError `not_found` */
  find(userId: string, id: string): Inbox {
    return this.#keptOf(userId, id).inbox;
  }

  urlOf({ token }: Inbox): string {
    return `${this.#options.publicUrl()}/inbox/${token}`;
  }

  /** @throws ServiceError `not_found` */
  setBehaviour(userId: string, id: string, behaviour: InboxBehaviour): Inbox {
    const { inbox } = this.#keptOf(userId, id);
    inbox.behaviour = behaviour;
    return inbox;
  }

  /** @throws ServiceError `not_found` */
  remove(userId: string, id: string): void {
    this.#remove(this.#keptOf(userId, id));
  }

  /**
   * Calls `onRequest` for each request that arrives.
   * @param after number of the last request that is known; `null`: begin with the present
   * @throws ServiceError `not_found`; `limit_reached` when too many listen
   */
  listen(
    userId: string,
    { id, after }: { readonly id: string; readonly after: number | null },
    onRequest: (request: InboxRequest) => void,
  ): { readonly missed: readonly InboxRequest[]; readonly stop: () => void } {
    const { inbox, listeners } = this.#keptOf(userId, id);
    if (listeners.size >= MOST_LISTENERS)
      throw new ServiceError('limit_reached', `the inbox has ${MOST_LISTENERS} streams open: close one`);
    listeners.add(onRequest);
    const missed = after === null ? [] : inbox.requests.filter(({ number }) => number > after);
    return { missed, stop: () => listeners.delete(onRequest) };
  }

  /** Receives a request. @returns null if there is no such inbox, or it has expired */
  async receive(token: string, arrival: Arrival): Promise<InboxAnswer | null> {
    this.#removeExpired();
    const kept = this.#byToken.get(token);
    if (!kept) return null;
    const refusal = this.#refusal(kept);
    if (refusal !== null) return { answer: { ...DEFAULT_BEHAVIOUR, status: refusal }, done: () => undefined };
    const { inbox, listeners } = kept;
    kept.waiting += 1;
    const done = () => {
      kept.waiting -= 1;
    };
    const answer = nextAnswer(inbox);
    inbox.received += 1;
    const request = await this.#requestOf(inbox, { arrival, answer, number: inbox.received });
    keepRequest(inbox, request);
    for (const onRequest of listeners) onRequest(request);
    return { answer, done };
  }

  /** Returns the status with which a request is refused; `null`: it is received. */
  #refusal(kept: Kept): number | null {
    const second = Math.floor(this.#options.now() / 1000);
    if (second !== kept.second) {
      kept.second = second;
      kept.inSecond = 0;
    }
    kept.inSecond += 1;
    if (kept.inSecond > MOST_A_SECOND) return 429;
    return kept.waiting >= MOST_WAITING ? 503 : null;
  }

  async #requestOf(
    inbox: Inbox,
    {
      arrival: { method, headers, body },
      answer: { action, status, delayMs },
      number,
    }: { readonly arrival: Arrival; readonly answer: InboxRequest['answer']; readonly number: number },
  ): Promise<InboxRequest> {
    const at = this.#options.now();
    const webhooks = await this.#webhooksOf(inbox).catch(() => []);
    const signature = verifySignature({ headers, body: body.toString(), at, webhooks });
    const kept = body.subarray(0, MOST_KEPT_BYTES).toString();
    return {
      ...{ number, at, method, headers, signature },
      ...{ body: kept, bytes: body.length, answer: { action, status, delayMs } },
    };
  }

  /** Returns the webhooks of the inbox's account that send to the inbox, among the newest ones. */
  async #webhooksOf(inbox: Inbox): Promise<Webhook[]> {
    const newest = { offset: 0, limit: SEARCHED_WEBHOOKS, orderBy: 'desc', sortBy: 'createdAt' } as const;
    const all = { ...newest, search: null, events: {} };
    const { items } = await this.#options.webhooks.list(inbox.userId, all);
    const url = this.urlOf(inbox);
    return items.filter((webhook) => webhook.url === url);
  }

  #keptOf(userId: string, id: string): Kept {
    this.#removeExpired();
    const kept = this.#byId.get(id);
    if (kept?.inbox.userId !== userId) throw notFound('inbox');
    return kept;
  }

  #remove(kept: Kept): void {
    this.#byId.delete(kept.inbox.id);
    this.#byToken.delete(kept.inbox.token);
    kept.listeners.clear();
  }

  #removeExpired(): void {
    const now = this.#options.now();
    // The oldest inbox is the first one, so that this ends at the first one that lives.
    for (const kept of this.#byId.values()) {
      if (kept.inbox.expiresAt > now) return;
      this.#remove(kept);
    }
  }
}
