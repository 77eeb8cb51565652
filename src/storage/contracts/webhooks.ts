import type { Actor, Change } from '../../domain/audit.ts';
import type { DeliveryHour } from '../../domain/delivery-hour.ts';
import type { EventType } from '../../domain/event.ts';
import type { Webhook, WebhookChanges } from '../../domain/webhook.ts';
import type { WebhookCheck } from '../../domain/webhook-check.ts';
import type { Page, PageRequest } from './page.ts';

export interface WebhookListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'name' | 'url';
  /**
   * Filters by event type: lists only webhooks that subscribe to the event type (`true`), or only webhooks
   * that do not (`false`). Event types that are left out do not filter.
   */
  readonly events: Partial<Record<EventType, boolean>>;
}

export interface NewSigningKeys {
  readonly secret: string;
  readonly privateKey: string;
  /**
   * Time until which requests are also signed with the replaced keys. `null`: the replaced keys stop signing
   * at once.
   */
  readonly previousUntil: number | null;
}

/**
 * The webhooks. The keys and headers of each webhook are stored encrypted, in one text. The text can be
 * decrypted only in the webhook's own row, not when it is copied to another row.
 */
export interface WebhookStore {
  /**
   * Creates a webhook. Rejects with `ServiceError('limit_reached')` when the account already has `most`
   * webhooks (`null`: no limit). The webhooks are counted in the transaction that creates the webhook, so
   * that calls at the same time can't exceed the limit together.
   */
  create(webhook: Webhook, most: number | null, by: Actor | null): Promise<void>;
  list(userId: string, request: WebhookListRequest): Promise<Page<Webhook>>;
  find(userId: string, id: string): Promise<Webhook | null>;
  /**
   * Returns whether the account has this webhook, or had it until it was deleted. A deleted webhook counts
   * until retention removes it, because its deliveries are still stored.
   */
  existedEver(userId: string, id: string): Promise<boolean>;
  /**
   * Stores a check of a webhook, and removes older checks, so that the newest twenty are kept. Stores nothing
   * when the account has no such webhook.
   */
  addCheck(userId: string, id: string, check: WebhookCheck): Promise<void>;
  /** Returns the kept checks of a webhook, newest first; null when the account has no such webhook. */
  checks(userId: string, id: string): Promise<readonly WebhookCheck[] | null>;
  /** @returns the webhook after the change, or null when the account has no such webhook */
  update(userId: string, id: string, changes: WebhookChanges, change: Change): Promise<Webhook | null>;
  /**
   * Replaces the signing keys. Until `previousUntil`, requests are signed with the replaced keys, too. If
   * `previousUntil` is null, the replaced keys are removed at once. Keys that an earlier rotation replaced
   * are removed in any case. The private key is replaced only if the webhook has one.
   * @returns the webhook after the change, or null when the account has no such webhook
   */
  rotateKeys(userId: string, id: string, keys: NewSigningKeys, change: Change): Promise<Webhook | null>;
  /**
   * Pauses a webhook. While the webhook is paused, none of its deliveries is claimed or returned as ready,
   * but new deliveries are still created. A webhook that is already paused keeps its pause reason. The call
   * changes one row, however many deliveries are queued.
   * @returns the webhook after the change, or null when the account has no such webhook
   */
  pause(userId: string, id: string, change: Change): Promise<Webhook | null>;
  /**
   * Ends a pause of any reason. Afterwards, the webhook does not count as failing. The call changes one row.
   * @returns the webhook after the change, or null when the account has no such webhook
   */
  resume(userId: string, id: string, change: Change): Promise<Webhook | null>;
  /**
   * Deletes a webhook, and cancels its bulk resends and some of its pending deliveries. The cost is limited,
   * however many deliveries are pending. `cancelDeliveries` cancels the rest. From now on, none of the
   * webhook's deliveries is claimed or returned as ready, and `DeliveryStore` shows each pending one as
   * cancelled.
   * @returns the number of cancelled deliveries, or null when the account has no such webhook
   */
  delete(userId: string, id: string, change: Change): Promise<{ readonly cancelled: number } | null>;
  /**
   * Cancels up to `limit` pending deliveries of webhooks that were deleted before. Each of these deliveries
   * counts as ended when its webhook was deleted.
   * @returns the number of cancelled deliveries, and whether no more deliveries are to be cancelled
   */
  cancelDeliveries(limit: number): Promise<{ readonly cancelled: number; readonly isDone: boolean }>;
  /** Adds numbers to the counters of their hours and owners. */
  addHours(hours: readonly DeliveryHour[]): Promise<void>;
  /** Returns the counters of some owners, from the hour `from` to the hour `to`, oldest first. Hours without attempts are left out. */
  hours(
    userId: string,
    request: { readonly owners: readonly string[]; readonly from: number; readonly to: number },
  ): Promise<readonly DeliveryHour[]>;
  /** Removes at most `limit` counters of hours before `before`, the oldest first. */
  removeHours(before: number, limit: number): Promise<void>;
}
