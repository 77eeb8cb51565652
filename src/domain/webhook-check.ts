import type { EventType } from './event.ts';

/** A sample event that was sent to a webhook, so that its receiver can be tested, and the result. */
export interface WebhookCheck {
  /** UUIDv7. */
  readonly id: string;
  readonly eventType: EventType;
  /** Value of the header `webhook-id`. */
  readonly eventId: string;
  readonly url: string;
  /** The headers that were sent, with masks in place of secret values. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the request began, in milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** HTTP status. `null`: the receiver did not answer. */
  readonly status: number | null;
  /** First 1 KiB of the answer's body, as text. `null`: the receiver did not answer. */
  readonly response: string | null;
  /** Reason of the failure. `null`: the answer was 2xx. */
  readonly error: string | null;
}
