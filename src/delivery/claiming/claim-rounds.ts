import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { ClaimRequest, Queue } from '../../storage/contracts/queue.ts';
import type { BufferedCount, DeliveryBuffer } from '../scheduling/delivery-buffer.ts';
import type { Overflow } from './overflow.ts';

export interface ClaimRoundsOptions {
  readonly queue: Queue;
  readonly buffer: DeliveryBuffer;
  readonly overflow: Overflow;
  /** Returns the time of the steady clock. */
  readonly steadyNow: () => number;
  readonly onClaimed: (deliveries: readonly ReadyDelivery[]) => void;
  /** Returns whether a further claim is allowed. Called before each claim. */
  readonly mayContinue: () => boolean;
}

export interface ClaimedRounds {
  /**
   * Time of the steady clock. For every delivery that was due at this time, either the delivery
   * is claimed, or its webhook is noted in `Overflow`.
   */
  readonly claimedUpTo: number;
  /** Number of claimed deliveries. */
  readonly count: number;
}

/**
 * Maximum number of deliveries of one claim, so that the claim's transaction does not delay other
 * transactions.
 */
const MAX_CLAIM = 1_000;

/**
 * Claims due deliveries in rounds. One round visits all webhooks with due deliveries, in one or several
 * claims.
 */
export class ClaimRounds {
  readonly #options: ClaimRoundsOptions;
  /**
   * Position among the webhooks at which the last claim stopped. The next claim continues there, so that
   * every webhook is visited. `null`: the next claim begins a round.
   */
  #after: ClaimRequest['after'] = null;

  constructor(options: ClaimRoundsOptions) {
    this.#options = options;
  }

  /**
   * Makes rounds until a whole round has left no delivery that a further claim could bring, until memory is
   * full, or until `mayContinue` returns `false`.
   */
  async run(): Promise<ClaimedRounds> {
    const { buffer, overflow, steadyNow, mayContinue } = this.#options;
    let claimedUpTo = steadyNow();
    let count = 0;
    // `leavesMore` is `true` at first, because only a round that has visited all webhooks can show that no
    // more deliveries are due. A round that is resumed here does not visit its first webhooks again.
    let leavesMore = true;
    while (mayContinue() && buffer.claimBudget > 0) {
      if (this.#after === null) {
        claimedUpTo = steadyNow();
        leavesMore = false;
      }
      const claim = await this.#claim();
      count += claim.count;
      leavesMore ||= claim.leavesMore;
      if (this.#after === null && !leavesMore) return { claimedUpTo, count };
    }
    overflow.addFullWebhooks();
    return { claimedUpTo, count };
  }

  /**
   * Makes one claim.
   * @returns the number of claimed deliveries, and whether further deliveries might be due
   */
  async #claim(): Promise<{ count: number; leavesMore: boolean }> {
    const { queue, buffer, overflow, steadyNow, onClaimed } = this.#options;
    overflow.addFullWebhooks();
    const { perWebhookBudget } = buffer;
    const buffered = buffer.bufferedCounts();
    const limit = Math.min(MAX_CLAIM, buffer.claimBudget);
    const { ready, after } = await queue.claim({
      now: steadyNow(),
      limit,
      perWebhook: perWebhookBudget,
      buffered,
      after: this.#after,
    });
    this.#after = after;
    onClaimed(ready);
    // Assumes that more deliveries are due if the claim stopped because it had enough, or if a webhook got its
    // whole budget.
    return {
      count: ready.length,
      leavesMore: ready.length >= limit || usesUpBudget(ready, buffered, perWebhookBudget),
    };
  }
}

/**
 * Returns whether a claim has used up the budget of at least one webhook. Further deliveries of such a
 * webhook might be due.
 */
function usesUpBudget(
  ready: readonly ReadyDelivery[],
  bufferedBefore: readonly BufferedCount[],
  perWebhookBudget: number,
): boolean {
  const counts = new Map<string, number>();
  for (const { webhook } of ready) counts.set(webhook.id, (counts.get(webhook.id) ?? 0) + 1);
  for (const { webhookId, count } of bufferedBefore) {
    const claimed = counts.get(webhookId);
    if (claimed !== undefined) counts.set(webhookId, claimed + count);
  }
  return counts.values().some((count) => count >= perWebhookBudget);
}
