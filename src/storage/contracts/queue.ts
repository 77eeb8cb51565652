import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { PauseReason } from '../../domain/webhook.ts';
import type { Cursor } from './page.ts';

export interface ClaimRequest {
  readonly now: number;
  /** Maximum number of deliveries in the answer. */
  readonly limit: number;
  /** Maximum number of one webhook's deliveries that the caller may hold, those in `buffered` included. */
  readonly perWebhook: number;
  /** Number of deliveries that the caller holds already, for each webhook of which it holds some. */
  readonly buffered: readonly { readonly webhookId: string; readonly count: number }[];
  /** `after` of the previous answer; `null`: begin a round. */
  readonly after: Cursor | null;
}

export interface Claimed {
  readonly ready: ReadyDelivery[];
  /** `null`: the round is complete. */
  readonly after: Cursor | null;
}

/** The time for which an owner's claims are safe from other owners: see `Queue`. */
export interface Lease {
  readonly now: number;
  /** When the lease ends, unless its owner renews it before. */
  readonly until: number;
}

export interface Settled {
  /** The deliveries that are next in their lanes, claimed for the caller. */
  readonly promoted: readonly ReadyDelivery[];
  /** The settled webhooks that had a failure and are paused now, by this call or an earlier one. */
  readonly paused: readonly { readonly webhookId: string; readonly reason: PauseReason }[];
}

export interface Due {
  /** A count of `limit` means `limit` or more. */
  readonly count: number;
  /** When the first of them fell due; null when nothing is due. */
  readonly oldestAt: number | null;
}

/**
 * The pending deliveries: to whom they go, and when they are due. `EventStore.commit` adds them, in the transaction
 * of their event.
 *
 * A claimed delivery belongs to one owner, and no other owner is given it. The owner is the opened storage through
 * which `EventStore.commit`, `claim` or `settle` claimed it: a process opens one, and a storage that is opened again
 * is a new owner. So no caller names an owner, and none can name a wrong one. A claim ends when its delivery is
 * settled, cancelled or released.
 *
 * A claim of an owner that has died must go to another owner some time. That is what leases are for: an owner takes
 * and renews its lease with `releaseStaleClaims`, and its claims are stale for others once its lease has ended. A
 * backend that several processes share must
 * - store the owner with each claim, and the end of its lease with each owner;
 * - leave the claims of other owners alone in every method, except for `releaseStaleClaims` when they are stale;
 * - accept a settlement whose claim has gone to another owner meanwhile: its attempt counts if no other attempt with
 *   its number was recorded before. So a delivery may be sent twice, but it is never lost.
 * A backend that only one process can use at a time may store neither: it takes every lease for `null`.
 */
export interface Queue {
  /**
   * Claims due deliveries for the caller, the oldest of a webhook first. It skips paused webhooks. It visits the
   * webhooks one after another, beginning where `after` says, and takes of each at most `perWebhook`, less the number
   * that `buffered` gives for it. `after` of the answer continues the round.
   */
  claim(request: ClaimRequest): Promise<Claimed>;
  /**
   * Records attempts and their verdicts. For each lane whose ready delivery ended, the oldest waiting delivery
   * becomes ready; it is returned, claimed for the caller, unless its webhook is paused.
   *
   * It also notes when each webhook was last tried, and since when all of its attempts failed; a success ends such a
   * period. It pauses a webhook whose receiver is gone, and a webhook that fails and has failed since
   * `pauseFailingSince` or longer (`null`: it pauses none for that reason). It does so before further lanes become
   * ready.
   *
   * A delivery that was cancelled meanwhile stays cancelled; its attempt is recorded all the same. A call may be
   * repeated when its answer was lost: it counts once, and answers the same.
   */
  settle(settlements: readonly Settlement[], now: number, pauseFailingSince: number | null): Promise<Settled>;
  /** Ends the caller's claims of deliveries. They are due as before. */
  release(seqs: readonly number[]): Promise<void>;
  /**
   * Takes or renews the caller's lease, and releases all deliveries whose claims are stale: claims of other owners
   * whose lease has ended or who never took one. `null`: the caller is the only process that claims, so that every
   * claim of another owner is stale, and nobody waits for a lease to end. The caller's own claims stay in any case. A
   * process calls it before it first claims, and again before its lease ends.
   */
  releaseStaleClaims(lease: Lease | null): Promise<void>;
  /**
   * Returns when the first unclaimed delivery that falls due later than `after` is due; null without such a delivery.
   * Deliveries of paused webhooks don't count.
   */
  nextDueAt(after: number): Promise<number | null>;
  /**
   * Returns how much is due and unclaimed at `now`, and since when. It serves monitoring, and counts up to `limit`, so
   * that its cost does not grow with the backlog.
   */
  due(now: number, limit: number): Promise<Due>;
}
