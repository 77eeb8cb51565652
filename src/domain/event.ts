/**
 * The five types of events of a media, and their exact JSON bodies.
 * An event never changes once it is committed: every attempt sends the same `body`, byte for byte.
 */

export const EVENT_TYPES = [
  'file.received',
  'encoding.started',
  'partial.finished',
  'encoding.finished',
  'encoding.failed',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Value of `status` in the body of each event: the status of the media when the event is emitted. */
export const STATUS_OF_EVENT = {
  'file.received': 'new',
  'encoding.started': 'transcoding',
  'partial.finished': 'transcoding',
  'encoding.finished': 'done',
  'encoding.failed': 'fail',
} as const satisfies Record<EventType, string>;

export const MEDIA_TYPES_OF_EVENTS = ['video', 'audio', 'live-stream'] as const;
export type EventMediaType = (typeof MEDIA_TYPES_OF_EVENTS)[number];

export interface EventFacts {
  readonly type: EventType;
  /** Milliseconds since the epoch. */
  readonly emittedAt: number;
  readonly mediaId: string;
  readonly mediaType: EventMediaType;
  /** Names of the media's qualities. The body of the event contains them joined with commas. */
  readonly qualities: readonly string[];
  readonly title: string;
  readonly userId: string;
}

/** An event that is to be committed. */
export interface NewEvent {
  /**
   * UUIDv7. Requests carry this id in the header `webhook-id`, so that a receiver can recognise an event that
   * it has received already.
   */
  readonly id: string;
  readonly userId: string;
  readonly mediaId: string;
  readonly type: EventType;
  /** Milliseconds since the epoch. */
  readonly emittedAt: number;
  /** The complete JSON body. */
  readonly body: string;
  /**
   * Id that the publisher gave the event, unique within the account. `null`: the event comes from the
   * service's own encoding.
   */
  readonly idempotencyKey: string | null;
}

/**
 * Returns the JSON body of an event, with exactly the fields that the API documents, in the documented order.
 */
export function eventBody(facts: EventFacts): string {
  return JSON.stringify({
    type: facts.type,
    emitted_at: new Date(facts.emittedAt).toISOString(),
    media_id: facts.mediaId,
    media_type: facts.mediaType,
    qualities: facts.qualities.join(','),
    title: facts.title,
    status: STATUS_OF_EVENT[facts.type],
    user_id: facts.userId,
  });
}
