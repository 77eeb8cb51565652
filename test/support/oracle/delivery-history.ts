/**
 * History of a run of the service: the requests that it got, the requests that it sent to receivers, and its
 * records.
 */
export interface History {
  readonly webhooks: readonly SubscribedWebhook[];
  readonly published: readonly PublishedOnce[];
  /** Requests that arrived at receivers, in the order of their arrival. */
  readonly requests: readonly SeenRequest[];
  readonly resends: readonly Resend[];
  /** Periods in which no request is allowed to arrive at a webhook. */
  readonly pauses: readonly Pause[];
  readonly record: readonly RecordedDelivery[];
  /** Number of attempts after which a delivery is exhausted, without resends. */
  readonly attemptsASchedule: number;
  /** Whether the service was killed. If so, it is allowed to repeat an attempt that was not recorded. */
  readonly killed: boolean;
}

export interface SubscribedWebhook {
  readonly id: string;
  readonly userId: string;
  /** Types of the events that the webhook wants. */
  readonly wants: ReadonlySet<string>;
}

/** An event that was published in one request, or in several identical ones. */
export interface PublishedOnce {
  /** Id that the publisher gave the event. Receivers find it in the event's title. */
  readonly key: string;
  readonly userId: string;
  readonly mediaId: string;
  /** Number of the event within its media. A later event has a higher number. */
  readonly number: number;
  readonly type: string;
  /**
   * Name of the request that published the event. The service accepts either all events of such a small request, or none.
   */
  readonly batch: string;
  /** Whether a request with this event was answered with 202. */
  readonly accepted: boolean;
}

/** A request that arrived at a receiver completely. */
export interface SeenRequest {
  readonly webhookId: string;
  /** Value of the header `webhook-id`. */
  readonly id: string;
  readonly key: string;
  readonly mediaId: string;
  readonly body: string;
  /** Whether the signature of the request is valid for the webhook. */
  readonly verified: boolean;
  /** Time of arrival in milliseconds since the epoch. */
  readonly at: number;
  /** Number of this arrival in the common sequence of all arrivals and acknowledgements. */
  readonly arrived: number;
  /**
   * Number of this request's acknowledgement in the common sequence of all arrivals and acknowledgements.
   * `null`: the receiver did not send a complete 2xx answer.
   */
  readonly acknowledged: number | null;
  /**
   * Whether the receiver closed the connection without any answer, and the request was not the first one on this
   * connection. The service sends such a request once more, as the same attempt.
   */
  readonly isSentAgain: boolean;
}

/** A request to resend a delivery, with or without an answer. */
export interface Resend {
  readonly webhookId: string;
  /** Value of the header `webhook-id` of the event. `null`: a bulk resend of all failed deliveries. */
  readonly id: string | null;
}

export interface Pause {
  readonly webhookId: string;
  /**
   * Time in milliseconds since the epoch from which no attempt can be in flight that began before the pause.
   */
  readonly from: number;
  readonly until: number;
}

export interface RecordedDelivery {
  readonly webhookId: string;
  /** Value of the header `webhook-id` of the event. */
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  /**
   * Number of attempts that got an answer. Only for these is it certain that the request arrived at the
   * receiver completely.
   */
  readonly answered: number;
}
