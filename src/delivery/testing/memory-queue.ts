import type { Attempt, DeliveryState, ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { PauseReason } from '../../domain/webhook.ts';
import type { ClaimRequest, Queue } from '../../storage/contracts/queue.ts';

interface Row {
  delivery: ReadyDelivery;
  state: DeliveryState;
  nextAttemptAt: number | null;
  claimed: boolean;
  readonly attempts: Attempt[];
}

/** The queue's contract in memory, whose calls a test can hold up or fail. Its commits are ready at time 0. */
export class MemoryQueue implements Queue {
  readonly rows: Row[] = [];
  /** Those of `rows` that have not ended, so that what is asked often stays cheap. */
  readonly #pending = new Set<Row>();
  /** Webhooks that are paused, and why. */
  readonly paused = new Map<string, PauseReason>();
  /** Names of the calls made, in order. */
  readonly calls: (keyof Queue)[] = [];
  /** Where a webhook's deliveries go; each has a host of its own unless a test says otherwise. */
  urlOf: (webhookId: string) => string = (webhookId) => `http://${webhookId}.example/hook`;
  /** Awaited before a call does its work. */
  before: (call: keyof Queue) => Promise<void> = async () => undefined;
  /** Awaited before its answer is given. */
  after: (call: keyof Queue) => Promise<void> = async () => undefined;

  /** Adds a delivery to a lane, and gives it back when it is ready, claimed for the caller. */
  commit(webhookId: string, mediaId: string): ReadyDelivery[] {
    const seq = this.rows.length + 1;
    const event = { id: `event-${seq}`, mediaId, body: '{}' };
    const webhook = { id: webhookId, url: this.urlOf(webhookId), secret: 'whsec_' };
    const delivery = { id: `d${seq}`, seq, event, webhook, attempts: 0, attemptsBefore: 0 };
    const isReady = !this.#lane(delivery).length;
    const nextAttemptAt = isReady ? 0 : null;
    const row: Row = { delivery, state: 'pending', nextAttemptAt, claimed: isReady, attempts: [] };
    this.rows.push(row);
    this.#pending.add(row);
    return isReady ? [delivery] : [];
  }

  /** The same for a delivery that nobody holds. */
  commitUnclaimed(webhookId: string, mediaId: string): void {
    for (const { seq } of this.commit(webhookId, mediaId)) this.row(seq).claimed = false;
  }

  cancel(webhookId: string): void {
    for (const row of this.#pending) {
      if (row.delivery.webhook.id === webhookId) this.#setState(row, 'cancelled');
    }
  }

  row(seq: number): Row {
    const row = this.rows[seq - 1];
    if (!row) throw new Error(`no delivery ${seq}`);
    return row;
  }

  /** How many deliveries are in a state. */
  count(state: DeliveryState): number {
    return this.rows.filter((row) => row.state === state).length;
  }

  get claimed(): number {
    return this.rows.filter((row) => row.state === 'pending' && row.claimed).length;
  }

  claim({ now, limit, perWebhook, buffered, after }: ClaimRequest) {
    return this.#call('claim', () => {
      const ready: ReadyDelivery[] = [];
      const webhooks = [...new Set(this.rows.map(({ delivery }) => delivery.webhook.id))];
      const waiting = Map.groupBy(this.#unclaimed(), ({ delivery }) => delivery.webhook.id);
      for (const [index, webhookId] of webhooks.entries()) {
        if (after !== null && index <= after) continue;
        if (!waiting.has(webhookId)) continue;
        if (ready.length >= limit) return { ready, after };
        after = index;
        const holds = buffered.find((one) => one.webhookId === webhookId)?.count ?? 0;
        const room = Math.min(perWebhook - holds, limit - ready.length);
        const due = waiting.get(webhookId)?.filter((row) => Number(row.nextAttemptAt) <= now) ?? [];
        for (const row of due.slice(0, Math.max(0, room))) {
          row.claimed = true;
          ready.push(row.delivery);
        }
      }
      return { ready, after: ready.length >= limit ? after : null };
    });
  }

  settle(settlements: readonly Settlement[], now: number) {
    return this.#call('settle', () => {
      for (const { webhookId, receiver } of settlements) {
        if (receiver === 'gone') this.paused.set(webhookId, 'gone');
      }
      const promoted = settlements.flatMap((settlement) => this.#settle(settlement, now));
      const settled = new Set(settlements.map(({ webhookId }) => webhookId));
      const paused = [...this.paused].map(([webhookId, reason]) => ({ webhookId, reason }));
      return { promoted, paused: paused.filter(({ webhookId }) => settled.has(webhookId)) };
    });
  }

  release(seqs: readonly number[]) {
    return this.#call('release', () => {
      for (const seq of seqs) this.row(seq).claimed = false;
    });
  }

  releaseStaleClaims() {
    return this.#call('releaseStaleClaims', () => {
      for (const row of this.rows) row.claimed = false;
    });
  }

  nextDueAt(after: number) {
    return this.#call('nextDueAt', () => {
      const times = this.#unclaimed()
        .map((row) => Number(row.nextAttemptAt))
        .filter((at) => at > after);
      return times.length === 0 ? null : Math.min(...times);
    });
  }

  due(now: number, limit: number) {
    return this.#call('due', () => {
      const times = this.#unclaimed().map((row) => Number(row.nextAttemptAt));
      const due = times.filter((at) => at <= now).toSorted((a, b) => a - b);
      return { count: Math.min(due.length, limit), oldestAt: due[0] ?? null };
    });
  }

  #settle({ seq, attempt, verdict }: Settlement, now: number): ReadyDelivery[] {
    const row = this.row(seq);
    row.attempts.push(attempt);
    row.delivery = { ...row.delivery, attempts: attempt.number };
    if (row.state !== 'pending') return [];
    row.claimed = false;
    this.#setState(row, verdict.state);
    row.nextAttemptAt = verdict.state === 'pending' ? verdict.nextAttemptAt : null;
    const next = verdict.state === 'pending' ? undefined : this.#lane(row.delivery)[0];
    if (!next) return [];
    next.nextAttemptAt = now;
    next.claimed = !this.paused.has(next.delivery.webhook.id);
    return next.claimed ? [next.delivery] : [];
  }

  #setState(row: Row, state: DeliveryState): void {
    row.state = state;
    if (state !== 'pending') this.#pending.delete(row);
  }

  #unclaimed(): Row[] {
    return [...this.#pending].filter(
      ({ claimed, nextAttemptAt, delivery }) =>
        !claimed && nextAttemptAt !== null && !this.paused.has(delivery.webhook.id),
    );
  }

  #lane({ webhook, event }: ReadyDelivery): Row[] {
    return [...this.#pending].filter(
      ({ delivery }) => delivery.webhook.id === webhook.id && delivery.event.mediaId === event.mediaId,
    );
  }

  async #call<T>(name: keyof Queue, work: () => T): Promise<T> {
    this.calls.push(name);
    await this.before(name);
    const answer = work();
    await this.after(name);
    return answer;
  }
}
