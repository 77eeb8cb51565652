import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { PauseReason } from '../../domain/webhook.ts';

export interface ClaimRequest {
  readonly now: number;
  readonly limit: number;
  readonly perWebhook: number;
  /** Webhooks of which the caller holds deliveries already, and how many. */
  readonly buffered: readonly { readonly webhookId: string; readonly count: number }[];
  /** Of the answer before; null begins a round. */
  readonly after: number | null;
}

export interface Settled {
  /** The next of the lanes, claimed for the caller. */
  readonly promoted: readonly ReadyDelivery[];
  /** Those of the settled webhooks that had a failure and are paused now, by this call or before. */
  readonly paused: readonly { readonly webhookId: string; readonly reason: PauseReason }[];
}

export interface Due {
  /** `limit` stands for that many or more. */
  readonly count: number;
  /** When the first of them fell due; null when there is none. */
  readonly oldestAt: number | null;
}

/** What is due, to whom, when. Deliveries are enqueued by `EventStore.commit`, in the event's own transaction. */
export interface Queue {
  /**
   * Claims deliveries that are due, oldest first within a webhook, for the caller alone, until it settles or
   * releases them. Those of paused webhooks are passed over. Every webhook gets a share: at most `perWebhook`
   * each, less what `held` says is in memory already, going round the webhooks from where `after` says. `after` of the answer continues the round,
   * and is null when the round is complete.
   */
  claim(request: ClaimRequest): Promise<{ ready: ReadyDelivery[]; after: number | null }>;
  /**
   * Records attempts and what they mean for their deliveries. For each lane whose ready delivery ended, the
   * oldest waiting one becomes ready and is returned, claimed for the caller, unless its webhook is paused.
   * Of each webhook it notes when it was last tried, and since when nothing but failures came back: a success ends
   * that. A receiver that is gone, or a failure when it has failed since `pauseFailingSince` or longer, pauses it,
   * before the next of its lanes become ready. Null never does.
   * A delivery that was cancelled meanwhile keeps that state; its attempt is recorded all the same.
   * The same call may be made again, should its answer be lost: it counts once, and answers the same.
   */
  settle(settlements: readonly Settlement[], now: number, pauseFailingSince: number | null): Promise<Settled>;
  /** Gives claimed deliveries back, due as before. */
  release(seqs: readonly number[]): Promise<void>;
  /** Gives back whatever a process that died had claimed. Only for the one process that sends, before it starts. */
  releaseStaleClaims(): Promise<void>;
  /**
   * When the first unclaimed delivery that falls due later than `after` is due; null when there is none.
   * Those of paused webhooks don't count.
   */
  nextDueAt(after: number): Promise<number | null>;
  /**
   * How much is due and unclaimed at `now`, and since when. For whoever watches: its cost is bounded by `limit`, up
   * to which it counts, and does not grow with the backlog.
   */
  due(now: number, limit: number): Promise<Due>;
}
