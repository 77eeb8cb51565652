import type { Attempt, ReadyDelivery, ReceiverState, Verdict } from '../../domain/delivery.ts';
import type { OnAttemptEnd } from '../attempt/make-attempt.ts';

const DELAY_MS = 3_000;

/** Answer of a receiver. */
type Answer = Pick<Attempt, 'status' | 'response' | 'error'>;
const ACKNOWLEDGED: Answer = { status: 200, response: '', error: null };
const REFUSED: Answer = { status: 500, response: '', error: 'the receiver answered 500' };
const UNANSWERED: Answer = { status: null, response: null, error: 'the connection was refused' };

interface ManualAttempt {
  readonly delivery: ReadyDelivery;
  readonly at: number;
  readonly onEnd: OnAttemptEnd;
}

/** Attempts that stay in flight until the test answers them. */
export class ManualAttempts {
  /** Attempts in flight, oldest first. */
  readonly inFlight: ManualAttempt[] = [];
  /** Ids of all deliveries for which an attempt was begun, in order. */
  readonly begun: string[] = [];
  readonly #now: () => number;
  #waiting: { count: number; resolve: () => void }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly attempt = (delivery: ReadyDelivery, onEnd: OnAttemptEnd): void => {
    this.inFlight.push({ delivery, at: this.#now(), onEnd });
    this.begun.push(delivery.id);
    for (const { count, resolve: reached } of this.#waiting) if (this.begun.length >= count) reached();
  };

  /** Fulfils when `count` attempts have been begun since the start. */
  untilBegun(count: number): Promise<void> {
    if (this.begun.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Answers the oldest attempt, or the oldest of one webhook. */
  answer(
    state: Verdict['state'] = 'succeeded',
    webhookId?: string,
    receiver: ReceiverState = state === 'succeeded' ? 'works' : 'fails',
  ): void {
    this.#end(state, webhookId, receiver, state === 'succeeded' ? ACKNOWLEDGED : REFUSED);
  }

  /** Ends the oldest attempt, or the oldest of one webhook, without an answer. */
  fail(state: Verdict['state'] = 'pending', webhookId?: string, receiver: ReceiverState = 'fails'): void {
    this.#end(state, webhookId, receiver, UNANSWERED);
  }

  #end(
    state: Verdict['state'],
    webhookId: string | undefined,
    receiver: ReceiverState,
    answer: Answer,
  ): void {
    const { delivery, at, onEnd } = this.#remove(webhookId);
    const now = this.#now();
    const attempt = { number: delivery.attempts + 1, at, durationMs: now - at, revision: null, ...answer };
    const verdict = state === 'pending' ? { state, nextAttemptAt: now + DELAY_MS } : { state };
    onEnd({ seq: delivery.seq, webhookId: delivery.webhook.id, attempt, verdict, receiver }, null);
  }

  /** Ends the oldest attempt as a defect would. */
  break(error: Error): void {
    this.#remove().onEnd(null, error);
  }

  #remove(webhookId?: string): ManualAttempt {
    const isOf = ({ delivery }: ManualAttempt) =>
      webhookId === undefined || delivery.webhook.id === webhookId;
    const [removed] = this.inFlight.splice(this.inFlight.findIndex(isOf), 1);
    if (!removed) throw new Error('no attempt is in flight');
    return removed;
  }
}
