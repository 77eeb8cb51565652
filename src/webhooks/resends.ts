import { randomUUIDv7 } from 'node:crypto';
import type { BulkResendRunner } from '../delivery/bulk-resend/runner.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import type { Actor } from '../domain/audit.ts';
import type { BulkResend } from '../domain/bulk-resend.ts';
import { invalidField, notFound, ServiceError } from '../domain/errors.ts';
import type { Storage } from '../storage/contracts/storage.ts';

export interface ResendsOptions {
  readonly storage: Pick<Storage, 'deliveries' | 'bulkResends'>;
  /** Is notified when a delivery was made due. */
  readonly dispatcher: Pick<Dispatcher, 'claimSoon'>;
  /** Carries out the bulk resends that it is given. */
  readonly runner: Pick<BulkResendRunner, 'add'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Times between which deliveries failed, in milliseconds since the epoch. */
export interface FailedBetween {
  readonly since: number;
  /** Left out, or in the future: now. */
  readonly until?: number | undefined;
}

/** Use cases of sending again: one delivery, or all of a webhook that failed between two times. */
export class Resends {
  readonly #options: ResendsOptions;

  constructor(options: ResendsOptions) {
    this.#options = options;
  }

  /**
   * Sends a delivery again, with a whole new schedule of retries.
   * @throws ServiceError `not_found`; `conflict` when its webhook was removed
   */
  async resend(userId: string, deliveryId: string, by: Actor): Promise<void> {
    const { storage, dispatcher, now } = this.#options;
    const outcome = await storage.deliveries.resend(userId, deliveryId, { at: now(), by });
    if (outcome === null) throw notFound('delivery');
    if (outcome === 'gone') throw new ServiceError('conflict', 'the webhook of this delivery was removed');
    dispatcher.claimSoon();
  }

  /**
   * Begins to send again everything of a webhook that failed between two times. A bulk resend that is running and
   * covers these times is returned instead of a new one.
   * @throws ServiceError `not_found`; `invalid_request`; `conflict` when too many of the webhook are running
   */
  async resendFailed(
    userId: string,
    webhookId: string,
    range: FailedBetween,
    by: Actor,
  ): Promise<BulkResend> {
    const { storage, runner, now } = this.#options;
    const createdAt = now();
    const wanted: BulkResend = {
      id: randomUUIDv7(),
      webhookId,
      userId,
      ...pastRange(range, createdAt),
      state: 'running',
      queued: 0,
      createdAt,
      endedAt: null,
    };
    const resend = await storage.bulkResends.create(wanted, by);
    if (resend === null) throw notFound('webhook');
    if (resend === 'too many')
      throw new ServiceError(
        'conflict',
        'too many recoveries of this webhook are running; wait for one to end',
      );
    runner.add(resend);
    return resend;
  }
}

/** Ends the range now at the latest, because a delivery can't have failed in the future. */
function pastRange({ since, until = Number.POSITIVE_INFINITY }: FailedBetween, now: number) {
  const end = Math.min(now, until);
  if (since > end) throw invalidField('since', 'expected a time in the past, and before until');
  return { since, until: end };
}
