import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { ClaimRequest, Queue } from '../../storage/contracts/queue.ts';
import type { BufferedCount, DeliveryBuffer } from '../scheduling/delivery-buffer.ts';
import type { Overflow } from './overflow.ts';

export interface ClaimRoundsOptions {
  readonly queue: Queue;
  readonly buffer: DeliveryBuffer;
  readonly overflow: Overflow;
  readonly now: () => number;
  readonly onClaimed: (deliveries: readonly ReadyDelivery[]) => void;
  /** Asked before each claim. `false` ends the rounds. */
  readonly mayContinue: () => boolean;
}

export interface ClaimedRounds {
  /** Everything that was due at this time is claimed or in the overflow. Milliseconds since the epoch. */
  readonly claimedUpTo: number;
  /** Number of claimed deliveries. */
  readonly count: number;
}

/** Maximum number of deliveries of one claim, so that it does not delay other transactions. */
const MAX_CLAIM = 1_000;

/** Claims due deliveries in rounds. One round goes through all webhooks that have something due, in several claims. */
export class ClaimRounds {
  readonly #options: ClaimRoundsOptions;
  /**
   * Webhook at which the last round stopped because memory was full. The next round resumes there, so that every
   * webhook gets its turn. `null`: the next claim begins a round.
   */
  #after: ClaimRequest['after'] = null;

  constructor(options: ClaimRoundsOptions) {
    this.#options = options;
  }

  /** Makes rounds until one has claimed everything that is due, or until memory is full. */
  async run(): Promise<ClaimedRounds> {
    const { buffer, overflow, now, mayContinue } = this.#options;
    let claimedUpTo = now();
    let count = 0;
    // A round that resumes in the middle cannot show that the webhooks before that position have nothing due.
    let leavesMore = true;
    while (mayContinue() && buffer.claimBudget > 0) {
      if (this.#after === null) {
        claimedUpTo = now();
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

  /** Makes one claim. @returns how many deliveries were claimed, and whether the same webhooks may have more due */
  async #claim(): Promise<{ count: number; leavesMore: boolean }> {
    const { queue, buffer, overflow, now, onClaimed } = this.#options;
    overflow.addFullWebhooks();
    const { perWebhookBudget } = buffer;
    const buffered = buffer.bufferedCounts();
    const { ready, after } = await queue.claim({
      now: now(),
      limit: Math.min(MAX_CLAIM, buffer.claimBudget),
      perWebhook: perWebhookBudget,
      buffered,
      after: this.#after,
    });
    this.#after = after;
    onClaimed(ready);
    // A claim that hit `limit` may have stopped in the middle of its last webhook.
    return {
      count: ready.length,
      leavesMore: after !== null || usesUpBudget(ready, buffered, perWebhookBudget),
    };
  }
}

/** Returns whether a webhook of a claim got its whole budget, so that it may have more that is due. */
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
