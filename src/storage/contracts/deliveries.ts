import type { Change } from '../../domain/audit.ts';
import type { Attempt, Delivery, DeliveryState } from '../../domain/delivery.ts';
import type { EventType } from '../../domain/event.ts';
import type { WebhookRevision } from '../../domain/webhook-revision.ts';
import type { Cursor } from './page.ts';

export interface DeliveryListRequest {
  readonly limit: number;
  /**
   * Value of `next` in the previous page, to continue after that page. `null`: begin with the newest
   * delivery.
   */
  readonly before: Cursor | null;
  readonly state: DeliveryState | null;
  readonly event: EventType | null;
  /** Lists only deliveries of events of this media. `null`: deliveries of all media. */
  readonly mediaId: string | null;
}

export interface DeliveryPage {
  readonly items: readonly Delivery[];
  /** Value of `before` for the following page. `null`: this is the last page. */
  readonly next: Cursor | null;
}

export interface DeliveryDetail {
  readonly delivery: Delivery;
  /** The complete request body. */
  readonly body: string;
  /** The newest attempts, or those before the cursor, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Cursor for the attempts before these. `null`: there is no earlier attempt. */
  readonly earlier: Cursor | null;
  /** The revisions that the attempts name, as far as they are kept. */
  readonly revisions: readonly WebhookRevision[];
}

/** An event of a media's story, with its deliveries. */
export interface StoryEvent {
  readonly id: string;
  readonly type: EventType;
  readonly emittedAt: number;
  /** The complete body. */
  readonly body: string;
}

export interface StoryDelivery {
  readonly delivery: Delivery;
  /** The newest attempts, oldest first, without their answers. */
  readonly attempts: readonly Omit<Attempt, 'response' | 'revision'>[];
}

export interface StoryPage {
  readonly deliveries: readonly StoryDelivery[];
  /** The events of these deliveries. */
  readonly events: readonly StoryEvent[];
  /** Value of `before` for the deliveries before these. `null`: these are the oldest. */
  readonly next: Cursor | null;
}

/** Maximum number of attempts of each delivery in a story. */
export const MOST_STORY_ATTEMPTS = 20;

export interface DeliveryStore {
  /**
   * Lists deliveries of one webhook, or of all webhooks of the account (`null`), newest first. Deliveries of
   * deleted webhooks are listed, too.
   *
   * The cost of a call does not grow with the number of stored deliveries: a call reads a limited number of
   * rows. If few of these rows match the request, the page has fewer than `limit` items, or none, and `next`
   * continues after the rows that were read.
   */
  list(userId: string, webhookId: string | null, request: DeliveryListRequest): Promise<DeliveryPage>;
  /**
   * Returns a delivery with a limited number of its attempts, because resends can add to them without end.
   * @param before value of `earlier` in the previous answer. Left out: the newest attempts
   */
  find(userId: string, id: string, before?: Cursor): Promise<DeliveryDetail | null>;
  /**
   * Returns the newest deliveries of a media, or those before a cursor, with their events and attempts. Costs as much as a page
   * of `list`, and the attempts.
   */
  story(
    userId: string,
    mediaId: string,
    page: { readonly before: Cursor | null; readonly limit: number },
  ): Promise<StoryPage>;
  /**
   * Sets an ended delivery back to pending, with a whole new retry schedule. The delivery is due now. If
   * another delivery of its lane is pending, the resent delivery waits in the lane instead. If a delivery is
   * already pending and has a time for its next attempt, it becomes due now.
   * @param steadyNow time of the steady clock, from which the delivery is due: see `Queue`
   * @returns `gone` when the webhook was deleted; null when the account has no such delivery
   */
  resend(userId: string, id: string, change: Change, steadyNow?: number): Promise<'queued' | 'gone' | null>;
}
