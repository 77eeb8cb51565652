import { randomUUIDv7 } from 'node:crypto';
import { sentHeaders } from '../delivery/attempt/sent-headers.ts';
import type { BulkResendRunner } from '../delivery/bulk-resend/runner.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import type { Actor } from '../domain/audit.ts';
import type { BulkResend } from '../domain/bulk-resend.ts';
import type { Attempt, Delivery } from '../domain/delivery.ts';
import { invalidField, notFound, ServiceError } from '../domain/errors.ts';
import type { SteadyClock } from '../platform/steady-clock.ts';
import type { DeliveryDetail, DeliveryListRequest } from '../storage/contracts/deliveries.ts';
import type { Cursor } from '../storage/contracts/page.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { type Story, storyOf } from './media-story.ts';
import { pendingReasonOf } from './pending-reason.ts';
import type { ShownDelivery } from './shown-delivery.ts';

export interface DeliveriesOptions {
  readonly storage: Pick<Storage, 'deliveries' | 'bulkResends' | 'media' | 'webhooks'>;
  /** Dispatcher, which is notified when a delivery was made due, and knows which deliveries are being sent. */
  readonly dispatcher: Pick<Dispatcher, 'claimSoon' | 'circuits' | 'isSending'>;
  /** Runner, which carries out bulk resends. */
  readonly runner: Pick<BulkResendRunner, 'add'>;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  /** Clock by which deliveries are due. */
  readonly clock: Pick<SteadyClock, 'now' | 'toWall'>;
}

/** An attempt with the request that was made. `null`: unknown, or not kept. */
export interface ShownAttempt extends Attempt {
  readonly url: string | null;
  readonly headers: Readonly<Record<string, string>> | null;
}

export interface ShownDeliveryDetail extends Pick<DeliveryDetail, 'body' | 'earlier'> {
  readonly delivery: ShownDelivery;
  readonly attempts: readonly ShownAttempt[];
}

/** Period in which deliveries failed, in milliseconds since the epoch. */
export interface FailedBetween {
  readonly since: number;
  /** End of the period. Default, and maximum: the present time. */
  readonly until?: number | undefined;
}

/**
 * Use cases of deliveries: listing and finding deliveries, and sending deliveries again, one by one or in
 * bulk. A resend is stored first; then the dispatcher or the runner is notified. If the storage refuses the
 * resend, neither is notified.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /**
   * Lists the deliveries of one webhook, or of all webhooks of the account (`null`), newest first. Deliveries
   * of removed webhooks are listed, too.
   * @throws ServiceError `not_found` when the account never had the webhook
   */
  async list(
    userId: string,
    webhookId: string | null,
    request: DeliveryListRequest,
  ): Promise<{ items: ShownDelivery[]; next: Cursor | null }> {
    const { deliveries, webhooks } = this.#options.storage;
    if (webhookId !== null && !(await webhooks.existedEver(userId, webhookId))) throw notFound('webhook');
    const { items, next } = await deliveries.list(userId, webhookId, request);
    return { items: items.map((delivery) => this.#shown(delivery)), next };
  }

  /**
   * Returns a delivery with its body and its newest attempts, or those before a cursor.
   * @throws ServiceError `not_found`
   */
  async find(userId: string, id: string, before?: Cursor): Promise<ShownDeliveryDetail> {
    const detail = await this.#options.storage.deliveries.find(userId, id, before);
    if (!detail) throw notFound('delivery');
    return {
      body: detail.body,
      earlier: detail.earlier,
      delivery: this.#shown(detail.delivery),
      attempts: detail.attempts.map((attempt) => withRequest(attempt, detail)),
    };
  }

  /** Returns what happened to a media: see `storyOf`. @throws ServiceError `not_found` */
  story(userId: string, mediaId: string, before: Cursor | null): Promise<Story> {
    const { storage } = this.#options;
    return storyOf({ storage, shown: (one) => this.#shown(one) }, { userId, mediaId, before });
  }

  /** Adds the reason why a delivery is pending. All times are those of the wall clock. */
  #shown(delivery: Delivery): ShownDelivery {
    const { dispatcher, clock } = this.#options;
    const pending = pendingReasonOf(delivery, { dispatcher, steadyNow: clock.now() });
    return {
      ...delivery,
      nextAttemptAt: clock.toWall(delivery.nextAttemptAt),
      pendingReason: pending && { ...pending, until: clock.toWall(pending.until) },
    };
  }

  /**
   * Sends a delivery again, with a whole new schedule of retries.
   * @throws ServiceError `not_found`; `conflict` when the delivery's webhook was removed
   */
  async resend(userId: string, deliveryId: string, by: Actor): Promise<void> {
    const { storage, dispatcher, now, clock } = this.#options;
    const outcome = await storage.deliveries.resend(userId, deliveryId, { at: now(), by }, clock.now());
    if (outcome === null) throw notFound('delivery');
    if (outcome === 'gone') throw new ServiceError('conflict', 'the webhook of this delivery was removed');
    dispatcher.claimSoon();
  }

  /**
   * Begins a bulk resend of all deliveries of a webhook that failed in the period `range`. If a running bulk
   * resend covers this period, returns the running one instead.
   * @throws ServiceError `not_found`; `invalid_request`; `conflict` when too many bulk resends of the webhook
   * are running
   */
  async resendFailed(
    userId: string,
    webhookId: string,
    range: FailedBetween,
    by: Actor,
  ): Promise<BulkResend> {
    const { storage, runner, now, clock } = this.#options;
    const createdAt = now();
    const wanted: BulkResend = {
      id: randomUUIDv7(),
      webhookId,
      userId,
      ...pastRange(range, Math.max(createdAt, clock.now())),
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

  /** Lists the hundred newest bulk resends of a webhook, newest first. @throws ServiceError `not_found` */
  async listBulkResends(userId: string, webhookId: string): Promise<BulkResend[]> {
    const { bulkResends, webhooks } = this.#options.storage;
    if (!(await webhooks.find(userId, webhookId))) throw notFound('webhook');
    return bulkResends.list(userId, webhookId);
  }
}

/** Adds the request that was made to an attempt, with secret values masked. */
function withRequest(attempt: Attempt, { delivery, body, revisions }: DeliveryDetail): ShownAttempt {
  const revision = revisions.find(({ number }) => number === attempt.revision);
  if (!revision) return { ...attempt, url: null, headers: null };
  const headers = sentHeaders(revision, { id: delivery.eventId, at: attempt.at, body });
  return { ...attempt, url: revision.url, headers };
}

/**
 * Returns the range with its end limited to `latest`, because a delivery can't have failed in the future. If
 * the clock was set back, a delivery can have failed at a later time than the present one.
 */
function pastRange({ since, until = Number.POSITIVE_INFINITY }: FailedBetween, latest: number) {
  const end = Math.min(latest, until);
  if (since > end) throw invalidField('since', 'expected a time in the past, and before until');
  return { since, until: end };
}
