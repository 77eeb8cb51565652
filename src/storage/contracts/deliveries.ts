import type { Change } from '../../domain/audit.ts';
import type { Attempt, Delivery, DeliveryState } from '../../domain/delivery.ts';
import type { EventType } from '../../domain/event.ts';

export interface DeliveryListRequest {
  readonly limit: number;
  /** Only deliveries older than this one (its `seq`); null starts at the newest. */
  readonly before: number | null;
  readonly state: DeliveryState | null;
  readonly event: EventType | null;
}

export interface DeliveryDetail {
  readonly delivery: Delivery;
  /** The body that is sent, whole. */
  readonly body: string;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

export interface DeliveryStore {
  /** Newest first. `next` is the `before` of the following page, or null at the end. */
  list(
    userId: string,
    webhookId: string,
    request: DeliveryListRequest,
  ): Promise<{ items: readonly Delivery[]; next: number | null }>;
  find(userId: string, id: string): Promise<DeliveryDetail | null>;
  /**
   * Makes a delivery pending again with a whole new schedule, due now, or as soon as its lane allows.
   * One that is pending already and waits for its next try is due now.
   * `gone` when its webhook was deleted; null when the account has no such delivery.
   */
  resend(userId: string, id: string, change: Change): Promise<'queued' | 'gone' | null>;
}
