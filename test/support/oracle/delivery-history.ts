/** What a run of the service left behind: what was asked of it, what its receivers got, and what it has on record. */
export interface History {
  readonly webhooks: readonly SubscribedWebhook[];
  readonly published: readonly PublishedOnce[];
  /** In the order of their arrival. */
  readonly requests: readonly SeenRequest[];
  readonly resends: readonly Resend[];
  /** Times within which nothing may arrive at a webhook. */
  readonly pauses: readonly Pause[];
  readonly record: readonly RecordedDelivery[];
  /** Attempts that a delivery has before it is exhausted, resends apart. */
  readonly attemptsASchedule: number;
  /** Whether the service was killed: then an attempt that was not recorded may be made again. */
  readonly killed: boolean;
}

export interface SubscribedWebhook {
  readonly id: string;
  readonly userId: string;
  /** Types of events. */
  readonly wants: ReadonlySet<string>;
}

/** An event that was handed in, however often. */
export interface PublishedOnce {
  /** The sender's id of it, by which its receivers know it, too. */
  readonly key: string;
  readonly userId: string;
  readonly mediaId: string;
  /** Grows within its media. */
  readonly number: number;
  readonly type: string;
  /** Events of one request have the same: all of them are taken, or none. */
  readonly batch: string;
  /** Answered with 202. */
  readonly accepted: boolean;
}

/** A request that reached a receiver whole. */
export interface SeenRequest {
  readonly webhookId: string;
  /** The header `webhook-id`. */
  readonly id: string;
  readonly key: string;
  readonly mediaId: string;
  readonly body: string;
  /** Whether its signature is the webhook's. */
  readonly verified: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Where its arrival stands among all arrivals and acknowledgements. */
  readonly arrived: number;
  /** The same of the moment when a whole 2xx was answered; null where none was. */
  readonly acknowledged: number | null;
}

/** A delivery that somebody asked to be sent again, whether or not an answer came. */
export interface Resend {
  readonly webhookId: string;
  /** The event's `webhook-id`; null: everything that had failed. */
  readonly id: string | null;
}

export interface Pause {
  readonly webhookId: string;
  /** When no attempt from before can be under way any more. Milliseconds since the epoch, as is `until`. */
  readonly from: number;
  readonly until: number;
}

export interface RecordedDelivery {
  readonly webhookId: string;
  /** The event's `webhook-id`. */
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  /** Of these, those that were answered: only they must have reached a receiver whole, however busy the machine is. */
  readonly answered: number;
}
