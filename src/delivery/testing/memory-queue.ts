import type {
  Attempt,
  DeliveryState,
  EventMessage,
  ReadyDelivery,
  Settlement,
  WebhookTarget,
} from '../../domain/delivery.ts';
import { NO_DUE, sumOfDue } from '../../domain/due.ts';
import type { PauseReason } from '../../domain/webhook.ts';
import type {
  Claimed,
  ClaimRequest,
  Due,
  DueRequest,
  FailingWebhooks,
  Lease,
  Queue,
  SavedClock,
  Settled,
} from '../../storage/contracts/queue.ts';
import { noteHealth, type WebhookHealth } from './webhook-health.ts';

/** Names the owner of claims: one for each `MemoryQueue`. */
type Owner = symbol;

interface Row {
  delivery: ReadyDelivery;
  state: DeliveryState;
  nextAttemptAt: number | null;
  endedAt: number | null;
  claimedBy: Owner | null;
  readonly createdAt: number;
  readonly attempts: Attempt[];
}

export interface NewDelivery {
  readonly event: EventMessage;
  readonly webhookId: string;
  readonly now: number;
  /** Time of the steady clock. Default: `now`. */
  readonly steadyNow?: number;
}

/** The state that all owners share, as they would share a database. */
class Deliveries {
  readonly rows: Row[] = [];
  /** The pending ones of `rows`, so that frequent questions stay cheap. */
  readonly pending = new Set<Row>();
  /** The paused webhooks, with the reasons. */
  readonly paused = new Map<string, PauseReason>();
  readonly pausedAt = new Map<string, number>();
  readonly deleted = new Set<string>();
  readonly health = new Map<string, WebhookHealth>();
  readonly leases = new Map<Owner, number>();
  clock: SavedClock | null = null;

  /** Saves the state of the steady clock with a commit, as `Queue` describes it. */
  noteClock(now: number, steadyNow: number): void {
    const aheadMs = steadyNow - now;
    const isRecent = this.clock && Math.abs(steadyNow - this.clock.at) < 1_000;
    if (!isRecent || aheadMs !== this.clock?.aheadMs) this.clock = { at: steadyNow, aheadMs };
  }
}

/**
 * The contract of `Queue` in memory, leases included. A test can delay its calls, or make them fail.
 * test/conformance/memory-queue.test.ts runs the conformance suite of `Queue` on this class.
 */
export class MemoryQueue implements Queue {
  readonly #owner: Owner = Symbol('owner');
  readonly #shared: Deliveries;
  /** Names of the calls made, in order. */
  readonly calls: (keyof Queue)[] = [];
  /** Tells where the deliveries of a webhook go. Each webhook has a host of its own unless a test says otherwise. */
  urlOf: (webhookId: string) => string = (webhookId) => `http://${webhookId}.example/hook`;
  targetOf: (webhookId: string) => WebhookTarget = (id) => ({ id, url: this.urlOf(id), secret: 'whsec_' });
  /** Awaited before a call does its work. */
  before: (call: keyof Queue) => Promise<void> = async () => undefined;
  /** Awaited before a call answers. */
  after: (call: keyof Queue) => Promise<void> = async () => undefined;

  constructor(shared = new Deliveries()) {
    this.#shared = shared;
  }

  /** Returns a queue over the same deliveries, whose claims have another owner. */
  reopen(): MemoryQueue {
    const queue = new MemoryQueue(this.#shared);
    queue.targetOf = this.targetOf;
    return queue;
  }

  get rows(): readonly Row[] {
    return this.#shared.rows;
  }

  get paused(): Map<string, PauseReason> {
    return this.#shared.paused;
  }

  get pausedAt(): Map<string, number> {
    return this.#shared.pausedAt;
  }

  get health(): ReadonlyMap<string, WebhookHealth> {
    return this.#shared.health;
  }

  /** Number of pending deliveries that are claimed, by any owner. */
  get claimed(): number {
    return this.rows.filter((row) => row.state === 'pending' && row.claimedBy !== null).length;
  }

  /** Adds a delivery to a lane at time 0. Returns it if it is ready: it is claimed for the caller then. */
  commit(webhookId: string, mediaId: string): ReadyDelivery[] {
    const event = { id: `event-${this.rows.length + 1}`, mediaId, body: '{}' };
    return this.add({ event, webhookId, now: 0 });
  }

  /** Adds a delivery as `commit` does, but claims it for nobody. */
  commitUnclaimed(webhookId: string, mediaId: string): void {
    for (const { seq } of this.commit(webhookId, mediaId)) this.row(seq).claimedBy = null;
  }

  /** Adds a delivery to its lane. Returns it if it may be sent at once: it is claimed for the caller then. */
  add({ event, webhookId, now, steadyNow = now }: NewDelivery): ReadyDelivery[] {
    this.#shared.noteClock(now, steadyNow);
    const seq = this.rows.length + 1;
    const webhook = this.targetOf(webhookId);
    const delivery = { id: `d${seq}`, seq, event, webhook, attempts: 0, attemptsBefore: 0 };
    const isNext = this.#laneOf(delivery).length === 0;
    const isReady = isNext && !this.paused.has(webhookId);
    const row: Row = {
      delivery,
      state: 'pending',
      nextAttemptAt: isNext ? steadyNow : null,
      endedAt: null,
      claimedBy: isReady ? this.#owner : null,
      createdAt: now,
      attempts: [],
    };
    this.#shared.rows.push(row);
    this.#shared.pending.add(row);
    return isReady ? [delivery] : [];
  }

  pause(webhookId: string, reason: PauseReason, now = 0): void {
    this.paused.set(webhookId, reason);
    this.pausedAt.set(webhookId, now);
  }

  /** Ends a pause. The webhook counts as not failing afterwards. */
  resume(webhookId: string): void {
    this.paused.delete(webhookId);
    const health = this.#shared.health.get(webhookId);
    if (health) health.failingSince = null;
  }

  /** Cancels the deliveries of a webhook that is deleted. Returns their number. */
  cancel(webhookId: string, now = 0): number {
    this.#shared.deleted.add(webhookId);
    const cancelled = [...this.#shared.pending].filter(({ delivery }) => delivery.webhook.id === webhookId);
    for (const row of cancelled) this.#end(row, 'cancelled', now);
    return cancelled.length;
  }

  /** Makes a delivery that has ended pending again, with a whole new schedule. */
  resend(seq: number, now: number): void {
    const row = this.row(seq);
    const isNext = this.#laneOf(row.delivery).length === 0;
    row.delivery = { ...row.delivery, attemptsBefore: row.delivery.attempts };
    Object.assign(row, { state: 'pending', endedAt: null, nextAttemptAt: isNext ? now : null });
    this.#shared.pending.add(row);
  }

  row(seq: number): Row {
    const row = this.rows[seq - 1];
    if (!row) throw new Error(`no delivery ${seq}`);
    return row;
  }

  /** Number of deliveries in a state. */
  count(state: DeliveryState): number {
    return this.rows.filter((row) => row.state === state).length;
  }

  claim(request: ClaimRequest): Promise<Claimed> {
    return this.#call('claim', () => this.#claim(request));
  }

  settle(
    settlements: readonly Settlement[],
    now: number,
    pauseFailingSince: number | null,
    steadyNow = now,
  ): Promise<Settled> {
    return this.#call('settle', () => {
      if (settlements.some(({ verdict }) => !verdict.state)) throw new Error('expected a state');
      this.#shared.noteClock(now, steadyNow);
      const paused = noteHealth(this.#shared, settlements, { now, steadyNow, pauseFailingSince });
      const promoted = settlements.flatMap((settlement) => this.#settle(settlement, now, steadyNow));
      return { promoted, paused };
    });
  }

  failingWebhooks(): Promise<FailingWebhooks> {
    return this.#call('failingWebhooks', () => {
      const failing = [...this.health].filter(([id, { failingSince }]) => {
        return failingSince !== null && !this.#shared.deleted.has(id);
      });
      return { ids: failing.map(([id]) => id), after: null };
    });
  }

  savedClock(): Promise<SavedClock | null> {
    return this.#call('savedClock', () => this.#shared.clock);
  }

  saveClock(clock: SavedClock): Promise<void> {
    return this.#call('saveClock', () => {
      this.#shared.clock = clock;
    });
  }

  release(seqs: readonly number[]): Promise<void> {
    return this.#call('release', () => {
      for (const row of seqs.map((seq) => this.rows[seq - 1])) {
        if (row?.claimedBy === this.#owner) row.claimedBy = null;
      }
    });
  }

  releaseStaleClaims(lease: Lease | null): Promise<void> {
    return this.#call('releaseStaleClaims', () => {
      const { leases, pending } = this.#shared;
      if (lease) leases.set(this.#owner, lease.until);
      const isStale = (owner: Owner) =>
        owner !== this.#owner && (lease === null || (leases.get(owner) ?? 0) <= lease.now);
      for (const row of pending) if (row.claimedBy && isStale(row.claimedBy)) row.claimedBy = null;
    });
  }

  nextDueAt(after: number): Promise<number | null> {
    return this.#call('nextDueAt', () => {
      const times = this.#unclaimed()
        .filter(({ delivery }) => !this.paused.has(delivery.webhook.id))
        .map((row) => Number(row.nextAttemptAt))
        .filter((at) => at > after);
      return times.length === 0 ? null : Math.min(...times);
    });
  }

  due({ now, limits, throttled }: DueRequest): Promise<Due> {
    return this.#call('due', () => {
      const counts = { sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE };
      for (const { delivery, nextAttemptAt: oldestAt } of this.#unclaimed()) {
        if (Number(oldestAt) > now) continue;
        const { id } = delivery.webhook;
        const kind = this.paused.has(id) ? 'paused' : throttled.includes(id) ? 'throttled' : 'sendable';
        counts[kind] = sumOfDue(counts[kind], { count: 1, oldestAt }, limits[kind]);
      }
      return { ...counts, after: null };
    });
  }

  /** Visits the webhooks in the order of their first deliveries. The cursor is the number of webhooks visited. */
  #claim({ now, limit, perWebhook, buffered, after }: ClaimRequest): Claimed {
    const webhooks = [...new Set(this.rows.map(({ delivery }) => delivery.webhook.id))];
    const unclaimed = Map.groupBy(this.#unclaimed(), ({ delivery }) => delivery.webhook.id);
    const ready: ReadyDelivery[] = [];
    for (let visited = Number(after); visited < webhooks.length; visited += 1) {
      const webhookId = webhooks[visited] as string;
      if (!unclaimed.has(webhookId) || this.paused.has(webhookId)) continue;
      if (ready.length >= limit) return { ready, after: String(visited) };
      const holds = buffered.find((one) => one.webhookId === webhookId)?.count ?? 0;
      const room = Math.max(0, Math.min(perWebhook - holds, limit - ready.length));
      const due = (unclaimed.get(webhookId) ?? []).filter((row) => Number(row.nextAttemptAt) <= now);
      due.sort(
        (a, b) => Number(a.nextAttemptAt) - Number(b.nextAttemptAt) || a.delivery.seq - b.delivery.seq,
      );
      for (const row of due.slice(0, room)) ready.push(this.#claimRow(row));
      if (ready.length >= limit) return { ready, after: String(visited + 1) };
    }
    return { ready, after: null };
  }

  #claimRow(row: Row): ReadyDelivery {
    row.claimedBy = this.#owner;
    row.delivery = { ...row.delivery, webhook: this.targetOf(row.delivery.webhook.id) };
    return row.delivery;
  }

  /** Returns the next delivery of the lane, if this settlement or an earlier call with it has promoted one. */
  #settle({ seq, attempt, verdict, receiver }: Settlement, now: number, steadyNow: number): ReadyDelivery[] {
    const row = this.row(seq);
    const isRepeat = row.delivery.attempts !== attempt.number - 1;
    if (isRepeat) return verdict.state === 'pending' ? [] : this.#claimedOfLane(row);
    row.attempts.push(attempt);
    row.delivery = { ...row.delivery, attempts: attempt.number };
    if (row.state !== 'pending') return [];
    if (verdict.state !== 'pending') {
      this.#end(row, verdict.state, now);
      return this.#promote(row, steadyNow);
    }
    const { attemptsBefore } = row.delivery;
    if (receiver === 'unknown') row.delivery = { ...row.delivery, attemptsBefore: attemptsBefore + 1 };
    row.claimedBy = null;
    row.nextAttemptAt = verdict.nextAttemptAt;
    return [];
  }

  #promote({ delivery }: Row, steadyNow: number): ReadyDelivery[] {
    const [next] = this.#laneOf(delivery);
    if (!next) return [];
    next.nextAttemptAt = steadyNow;
    return this.paused.has(next.delivery.webhook.id) ? [] : [this.#claimRow(next)];
  }

  #claimedOfLane({ delivery }: Row): ReadyDelivery[] {
    const claimed = this.#laneOf(delivery).filter((row) => row.claimedBy === this.#owner);
    return claimed.slice(0, 1).map((row) => row.delivery);
  }

  #end(row: Row, state: DeliveryState, now: number): void {
    Object.assign(row, { state, nextAttemptAt: null, claimedBy: null, endedAt: now });
    this.#shared.pending.delete(row);
  }

  #unclaimed(): Row[] {
    return [...this.#shared.pending].filter((row) => row.claimedBy === null && row.nextAttemptAt !== null);
  }

  /** Returns the pending deliveries of a lane, oldest first. */
  #laneOf({ webhook, event }: ReadyDelivery): Row[] {
    return [...this.#shared.pending]
      .filter(
        ({ delivery }) => delivery.webhook.id === webhook.id && delivery.event.mediaId === event.mediaId,
      )
      .toSorted((a, b) => a.delivery.seq - b.delivery.seq);
  }

  async #call<T>(name: keyof Queue, work: () => T): Promise<T> {
    this.calls.push(name);
    await this.before(name);
    const answer = work();
    await this.after(name);
    return answer;
  }
}
