import type { ReadyDelivery, ReceiverState, Settlement, Verdict } from '../../src/domain/delivery.ts';

const DELAY_MS = 3_000;

interface HeldAttempt {
  readonly delivery: ReadyDelivery;
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
    this.underWay.push({ delivery, resolve, reject });
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
    const { delivery, resolve } = this.#take(webhookId);
    const at = this.#now();
    const number = delivery.attempts + 1;
    const attempt = { number, at, durationMs: 1, status: 200, response: '', error: null };
    const verdict = state === 'pending' ? { state, nextAttemptAt: at + DELAY_MS } : { state };
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
