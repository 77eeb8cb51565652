import type { Attempt, ReadyDelivery, ReceiverState, Settlement, Verdict } from '../../domain/delivery.ts';

const DELAY_MS = 3_000;

/** What came back. */
type Came = Pick<Attempt, 'status' | 'response' | 'error'>;
const ACKNOWLEDGED: Came = { status: 200, response: '', error: null };
const REFUSED: Came = { status: 500, response: '', error: 'the receiver answered 500' };
const UNANSWERED: Came = { status: null, response: null, error: 'the connection was refused' };

interface HeldAttempt {
  readonly delivery: ReadyDelivery;
  readonly at: number;
  resolve(settlement: Settlement): void;
  reject(error: Error): void;
}

/** Attempts that stay under way until the test answers them. */
export class HeldAttempts {
  /** Under way, oldest first. */
  readonly underWay: HeldAttempt[] = [];
  /** Ids of all deliveries for which an attempt was begun, in order. */
  readonly begun: string[] = [];
  readonly #now: () => number;
  #waiting: { count: number; resolve: () => void }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly attempt = (delivery: ReadyDelivery): Promise<Settlement> => {
    const { promise, resolve, reject } = Promise.withResolvers<Settlement>();
    this.underWay.push({ delivery, at: this.#now(), resolve, reject });
    this.begun.push(delivery.id);
    for (const { count, resolve: reached } of this.#waiting) if (this.begun.length >= count) reached();
    return promise;
  };

  /** Fulfils once `count` attempts have been begun since the start. */
  untilBegun(count: number): Promise<void> {
    if (this.begun.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Ends the oldest attempt, or that of a webhook. */
  answer(
    state: Verdict['state'] = 'succeeded',
    webhookId?: string,
    receiver: ReceiverState = state === 'succeeded' ? 'works' : 'fails',
  ): void {
    this.#end(state, webhookId, receiver, state === 'succeeded' ? ACKNOWLEDGED : REFUSED);
  }

  /** The same, where no answer came. */
  fail(state: Verdict['state'] = 'pending', webhookId?: string): void {
    this.#end(state, webhookId, 'fails', UNANSWERED);
  }

  #end(state: Verdict['state'], webhookId: string | undefined, receiver: ReceiverState, came: Came): void {
    const { delivery, at, resolve } = this.#take(webhookId);
    const now = this.#now();
    const attempt = { number: delivery.attempts + 1, at, durationMs: now - at, ...came };
    const verdict = state === 'pending' ? { state, nextAttemptAt: now + DELAY_MS } : { state };
    resolve({ seq: delivery.seq, webhookId: delivery.webhook.id, attempt, verdict, receiver });
  }

  /** Breaks the oldest attempt, as a defect would. */
  break(error: Error): void {
    this.#take().reject(error);
  }

  #take(webhookId?: string): HeldAttempt {
    const of = (held: HeldAttempt) => webhookId === undefined || held.delivery.webhook.id === webhookId;
    const [held] = this.underWay.splice(this.underWay.findIndex(of), 1);
    if (!held) throw new Error('no attempt is under way');
    return held;
  }
}
