import type { Actor, Change } from '../../domain/audit.ts';
import type { EventType } from '../../domain/event.ts';
import type { Webhook, WebhookChanges } from '../../domain/webhook.ts';
import type { Page, PageRequest } from './page.ts';

export interface WebhookListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'name' | 'url';
  /** Only those that want (true) or do not want (false) an event. */
  readonly events: Partial<Record<EventType, boolean>>;
}

export interface NewSigningKeys {
  readonly secret: string;
  readonly privateKey: string;
  readonly previousUntil: number | null;
}

/** A webhook's keys and headers are stored encrypted, so that they open in its own row alone. */
export interface WebhookStore {
  /**
   * Rejects with `ApiError('limit_reached')` when the account has `most` already; null for no limit. Counted in the
   * transaction that creates: calls at the same time can't pass it.
   */
  create(webhook: Webhook, most: number | null, by: Actor | null): Promise<void>;
  list(userId: string, request: WebhookListRequest): Promise<Page<Webhook>>;
  find(userId: string, id: string): Promise<Webhook | null>;
  /** Whether the account has such a webhook, or had it: its deliveries outlive it. */
  existedEver(userId: string, id: string): Promise<boolean>;
  /** The changed webhook, or null when the account has no such webhook. */
  update(userId: string, id: string, changes: WebhookChanges, change: Change): Promise<Webhook | null>;
  /**
   * Takes new signing keys into use; those until now become the previous ones, until `previousUntil`, or are
   * forgotten where that is null, as are those that were previous. A private key is taken where the webhook has one.
   * @returns the webhook as it is now, or null when the account has no such webhook
   */
  rotateKeys(userId: string, id: string, keys: NewSigningKeys, change: Change): Promise<Webhook | null>;
  /**
   * Pauses the webhook: from then on none of its deliveries is claimed, promoted or ready to be sent at once, and
   * new ones are made all the same. One that is paused keeps its reason. Costs one row, whatever is queued.
   * @returns the webhook as it is now, or null when the account has no such webhook
   */
  pause(userId: string, id: string, change: Change): Promise<Webhook | null>;
  /** Undoes a pause, whatever its reason; the webhook is not failing any more. Costs and answers as `pause` does. */
  resume(userId: string, id: string, change: Change): Promise<Webhook | null>;
  /**
   * Removes the webhook, and cancels its pending deliveries (it tells how many) and its recoveries. Null when the
   * account has no such webhook.
   */
  delete(userId: string, id: string, change: Change): Promise<{ readonly cancelled: number } | null>;
}
