import type { Actor, Change } from '../../domain/audit.ts';
import type { EventType } from '../../domain/event.ts';
import type { Webhook, WebhookChanges } from '../../domain/webhook.ts';
import type { Page, PageRequest } from './page.ts';

export interface WebhookListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'name' | 'url';
  /** For each event named here: only webhooks that subscribe to it (true), or that don't (false). */
  readonly events: Partial<Record<EventType, boolean>>;
}

export interface NewSigningKeys {
  readonly secret: string;
  readonly privateKey: string;
  /** When the replaced keys stop signing; `null`: at once. */
  readonly previousUntil: number | null;
}

/** A webhook's keys and headers are stored encrypted, so that they can be decrypted in its own row only. */
export interface WebhookStore {
  /**
   * Creates a webhook. Rejects with `ServiceError('limit_reached')` when the account already has `most` of them
   * (`null`: no limit). They are counted in the transaction that creates, so that calls at the same time can't pass the
   * limit together.
   */
  create(webhook: Webhook, most: number | null, by: Actor | null): Promise<void>;
  list(userId: string, request: WebhookListRequest): Promise<Page<Webhook>>;
  find(userId: string, id: string): Promise<Webhook | null>;
  /** Whether the account has, or ever had, such a webhook: deliveries outlive their webhook. */
  existedEver(userId: string, id: string): Promise<boolean>;
  /** @returns the webhook after the change, or null when the account has no such webhook */
  update(userId: string, id: string, changes: WebhookChanges, change: Change): Promise<Webhook | null>;
  /**
   * Replaces the signing keys. The replaced keys become the previous keys until `previousUntil`, or are forgotten
   * if that is null; keys that were previous before are forgotten. A private key is replaced only if the webhook has
   * one.
   * @returns the webhook after the change, or null when the account has no such webhook
   */
  rotateKeys(userId: string, id: string, keys: NewSigningKeys, change: Change): Promise<Webhook | null>;
  /**
   * Pauses a webhook: from then on, none of its deliveries is claimed, promoted or returned as ready; new
   * deliveries are still created. A webhook that is already paused keeps its reason. The call changes one row,
   * however much is queued.
   * @returns the webhook after the change, or null when the account has no such webhook
   */
  pause(userId: string, id: string, change: Change): Promise<Webhook | null>;
  /**
   * Ends a pause, whatever its reason; the webhook counts as not failing afterwards. The call changes one row.
   * @returns the webhook after the change, or null when the account has no such webhook
   */
  resume(userId: string, id: string, change: Change): Promise<Webhook | null>;
  /**
   * Deletes a webhook, and cancels its pending deliveries and its bulk resends.
   * @returns the number of cancelled deliveries, or null when the account has no such webhook
   */
  delete(userId: string, id: string, change: Change): Promise<{ readonly cancelled: number } | null>;
}
