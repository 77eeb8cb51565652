/**
 * The five events of a media, and their exact bodies.
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

/** Value of `status` in the body of each event: the media's state at that moment. */
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
  /** Names of qualities. The body joins them with commas. */
  readonly qualities: readonly string[];
  readonly title: string;
  readonly userId: string;
}

/** An event ready to be committed. */
export interface NewEvent {
  /** UUIDv7. It is sent as `webhook-id`, so that a receiver recognises a repeated delivery. */
  readonly id: string;
  readonly userId: string;
  readonly mediaId: string;
  readonly type: EventType;
  /** Milliseconds since the epoch. */
  readonly emittedAt: number;
  /** The complete JSON body. */
  readonly body: string;
  /** The publisher's own id of the event, unique within the account. `null`: the encoder emitted the event. */
  readonly idempotencyKey: string | null;
}

/** Returns the JSON body of an event: exactly the fields that the API describes, in that order. */
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
