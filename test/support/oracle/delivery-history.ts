/** The history of a run of the service: the requests to it, the requests that its receivers got, and its records. */
export interface History {
  readonly webhooks: readonly SubscribedWebhook[];
  readonly published: readonly PublishedOnce[];
  /** Requests, in the order of their arrival. */
  readonly requests: readonly SeenRequest[];
  readonly resends: readonly Resend[];
  /** Times within which nothing may arrive at a webhook. */
  readonly pauses: readonly Pause[];
  readonly record: readonly RecordedDelivery[];
  /** Number of attempts of a delivery before it is exhausted, without resends. */
  readonly attemptsASchedule: number;
  /** Whether the service was killed: then an attempt that was not recorded may be made again. */
  readonly killed: boolean;
}

export interface SubscribedWebhook {
  readonly id: string;
  readonly userId: string;
  /** Types of the events that the webhook wants. */
  readonly wants: ReadonlySet<string>;
}

/** An event that was published, once or several times. */
export interface PublishedOnce {
  /** The id that its publisher gave it, by which its receivers know it, too. */
  readonly key: string;
  readonly userId: string;
  readonly mediaId: string;
  /** Sequence number, which grows within its media. */
  readonly number: number;
  readonly type: string;
  /** Name of the request that published it. Either all events of a request are accepted, or none. */
  readonly batch: string;
  /** Whether a request with it was answered with 202. */
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
  /** Whether its signature is valid for the webhook. */
  readonly verified: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Position of its arrival among all arrivals and acknowledgements. */
  readonly arrived: number;
  /**
   * Position of the moment when a whole 2xx was answered, among all arrivals and acknowledgements; `null`: it was
   * not.
   */
  readonly acknowledged: number | null;
}

/** A request to resend a delivery, whether or not an answer came. */
export interface Resend {
  readonly webhookId: string;
  /** The event's `webhook-id`; `null`: a bulk resend of everything that had failed. */
  readonly id: string | null;
}

export interface Pause {
  readonly webhookId: string;
  /** Time after which no earlier attempt can be in flight. Milliseconds since the epoch, as is `until`. */
  readonly from: number;
  readonly until: number;
}

export interface RecordedDelivery {
  readonly webhookId: string;
  /** The event's `webhook-id`. */
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  /** Number of attempts with an answer. Only they must have reached a receiver whole, however busy the machine is. */
  readonly answered: number;
}
