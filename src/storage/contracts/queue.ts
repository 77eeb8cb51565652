import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { DueCount, DueKind } from '../../domain/due.ts';
import type { PauseReason } from '../../domain/webhook.ts';
import type { Cursor } from './page.ts';

export interface ClaimRequest {
  /** Time of the steady clock. */
  readonly now: number;
  /** Maximum number of deliveries in the answer. */
  readonly limit: number;
  /**
   * Maximum number of deliveries of one webhook that the caller has in memory after the claim. The deliveries
   * that `buffered` counts are included.
   */
  readonly perWebhook: number;
  /** Number of deliveries that the caller already has in memory, for each webhook that has at least one. */
  readonly buffered: readonly { readonly webhookId: string; readonly count: number }[];
  /**
   * Value of `after` in the previous answer: the claim begins after the last webhook that the previous claim
   * visited. `null`: the claim begins with the first webhook.
   */
  readonly after: Cursor | null;
}

export interface Claimed {
  readonly ready: ReadyDelivery[];
  /**
   * Value of `after` for the next claim. `null`: the last webhook has been visited. A claim can stop before it
   * has `limit` deliveries, because it visits a limited number of webhooks.
   */
  readonly after: Cursor | null;
}

/**
 * Until a lease ends, no other owner can release the claims of the lease's owner: see `Queue`. Its times are
 * those of the steady clock.
 */
export interface Lease {
  readonly now: number;
  /** When the lease ends, unless the owner renews the lease before that time. */
  readonly until: number;
}

export interface Settled {
  /**
   * Deliveries that became ready because the deliveries before them in their lanes have ended. The ready
   * deliveries are claimed for the caller.
   */
  readonly promoted: readonly ReadyDelivery[];
  /**
   * Webhooks that had a failed attempt in this call and are paused now. This call or an earlier one paused
   * them.
   */
  readonly paused: readonly { readonly webhookId: string; readonly reason: PauseReason }[];
}

export interface FailingWebhooks {
  readonly ids: readonly string[];
  /** Value of `after` for the next call. `null`: all webhooks have been visited. */
  readonly after: Cursor | null;
}

/** State of the steady clock at a commit, so that the next process can continue the clock. */
export interface SavedClock {
  /** Time of the steady clock. */
  readonly at: number;
  /** Milliseconds by which the steady clock was ahead of the wall clock. Negative: it was behind. */
  readonly aheadMs: number;
}

export interface DueRequest {
  /** Time of the steady clock. */
  readonly now: number;
  /**
   * Number at which the count of each kind stops. The time of the oldest delivery is found even if the number is 0.
   */
  readonly limits: Readonly<Record<DueKind, number>>;
  /** Ids of the webhooks that the caller throttles: it claims their deliveries one at a time only. */
  readonly throttled: readonly string[];
  /** Value of `after` in the previous answer. `null`: the count begins with the first webhook. */
  readonly after: Cursor | null;
}

/**
 * Deliveries that are due and unclaimed, by what they wait for. Those of a webhook that is both paused and throttled
 * count as paused.
 */
export interface Due extends Readonly<Record<DueKind, DueCount>> {
  /** Value of `after` for the next call. `null`: all webhooks have been counted. */
  readonly after: Cursor | null;
}

/**
 * The queue of pending deliveries. `EventStore.commit` adds deliveries in the transaction of their event.
 *
 * A claimed delivery belongs to one owner: no method gives it to another owner. An owner is one opened
 * storage. Each process opens one storage, and a process that restarts is a new owner. `EventStore.commit`,
 * `claim` and `settle` claim deliveries for the owner through whose storage they are called. A claim ends
 * when its delivery is settled, cancelled or released.
 *
 * When an owner dies, other owners must get its deliveries. Therefore each owner has a lease, which it takes
 * and renews with `releaseStaleClaims`. When the lease of an owner has ended, its claims are stale, and other
 * owners release them.
 *
 * A backend that several processes share has these obligations:
 * - It stores the owner of each claim, and the end of each owner's lease.
 * - No method changes the claims of other owners. The only exception is that `releaseStaleClaims` releases
 *   stale claims.
 * - It accepts a settlement even if another owner has claimed the delivery meanwhile. It records the attempt
 *   unless an attempt with the same number is already recorded. So a delivery might be sent twice, but it is
 *   never lost.
 *
 * A backend that only one process uses at a time needs to store neither owners nor leases. Its
 * `releaseStaleClaims` treats every lease like `null`.
 *
 * The times at which deliveries are due are times of the steady clock, which no change of the wall clock
 * affects (`SteadyClock`). So is the time since when a webhook fails. A method that stores such a time has an
 * argument `steadyNow` beside `now`. Without it, both clocks show `now`. A commit of events or settlements
 * also saves the state of the steady clock, unless a state that is less than a second older was saved.
 */
export interface Queue {
  /**
   * Claims due deliveries for the caller. The method visits the webhooks one after another, until the answer
   * has `limit` deliveries. It may stop earlier, so that one claim does not visit thousands of webhooks. It
   * begins at the position that `after` states, and skips paused webhooks.
   *
   * From each webhook, it claims the deliveries that have been due for longest: at most `perWebhook`, minus
   * the webhook's number in `buffered`. If the caller passes `after` of this answer to its next call, that
   * call continues with the next webhook.
   */
  claim(request: ClaimRequest): Promise<Claimed>;
  /**
   * Records attempts and their verdicts. When a ready delivery ends, the oldest waiting delivery of its lane
   * becomes ready. This delivery is claimed for the caller and returned, unless its webhook is paused.
   *
   * The method also stores when each webhook was last tried, and since when all of its attempts have failed.
   * A success ends such a period of failures. The method pauses a webhook whose receiver is gone. It also
   * pauses a webhook that has a failure in this call and was already failing at `pauseFailingSince` (`null`:
   * no webhook is paused for this reason). Webhooks are paused before waiting deliveries become ready.
   *
   * A pending delivery keeps its tries if its attempt says nothing about the receiver (`unknown`): the attempt is
   * recorded, but does not count in the retry schedule.
   *
   * A delivery that was cancelled meanwhile stays cancelled, but its attempt is recorded. A call can be
   * repeated when its answer was lost: the attempts are recorded once, and the answer is the same.
   */
  settle(
    settlements: readonly Settlement[],
    now: number,
    pauseFailingSince: number | null,
    steadyNow?: number,
  ): Promise<Settled>;
  /**
   * Ends the caller's claims of the deliveries with the numbers `seqs`. The times at which these deliveries
   * are due do not change.
   */
  release(seqs: readonly number[]): Promise<void>;
  /**
   * Takes or renews the caller's lease, and releases all stale claims. A claim is stale when it belongs to
   * another owner whose lease has ended, or to another owner that never took a lease. The caller's own claims
   * are not released.
   *
   * The method may commit in several steps. If it rejects, some of the claims may be released, and the caller
   * must repeat the call.
   *
   * `null` says that only the caller's process claims deliveries. Then all claims of other owners are stale
   * at once. A process calls this method before its first claim, and again before its lease ends.
   */
  releaseStaleClaims(lease: Lease | null): Promise<void>;
  /**
   * Returns when the next unclaimed delivery becomes due; null when there is no such delivery. Only times
   * later than `after` count. Deliveries of paused webhooks don't count. Both are times of the steady clock.
   */
  nextDueAt(after: number): Promise<number | null>;
  /**
   * Counts the deliveries that are due and unclaimed at `now`, by what they wait for, and says since when the oldest of
   * each kind is due. The method serves monitoring.
   *
   * A call reads a bounded number of webhooks and deliveries, and stops counting at `limits`, so that its cost does
   * not grow with the backlog. The caller adds up the answers of the calls that it makes with `after`.
   */
  due(request: DueRequest): Promise<Due>;
  /**
   * Returns ids of webhooks whose attempts have all failed lately. A call visits a limited number of webhooks.
   * @param after value of `after` in the previous answer. `null`: begin with the first webhook
   */
  failingWebhooks(after: Cursor | null): Promise<FailingWebhooks>;
  /** Returns the state of the steady clock that was saved last. `null`: none was saved yet. */
  savedClock(): Promise<SavedClock | null>;
  /** Saves the state of the steady clock, after a jump of the wall clock. */
  saveClock(clock: SavedClock): Promise<void>;
}
