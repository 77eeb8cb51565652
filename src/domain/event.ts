/**
 * The five facts that are told about a media, and the exact body that tells them.
 * An event never changes once it is committed: a delivery sends `body` byte for byte, however often it repeats.
 */

export const EVENT_TYPES = [
  'file.received',
  'encoding.started',
  'partial.finished',
  'encoding.finished',
  'encoding.failed',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** What `status` says in the body of each event: the media's state at that moment. */
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
  /** Quality names; the body joins them with a comma. */
  readonly qualities: readonly string[];
  readonly title: string;
  readonly userId: string;
}

/** An event ready to be committed. */
export interface NewEvent {
  /** UUIDv7. Sent as `webhook-id`, so that a receiver recognises a repeat. */
  readonly id: string;
  readonly userId: string;
  readonly mediaId: string;
  readonly type: EventType;
  /** Milliseconds since the epoch. */
  readonly emittedAt: number;
  /** The JSON that is sent, whole. */
  readonly body: string;
  /** The sender's own id of this event, unique within the account; null for what the encoder emits. */
  readonly idempotencyKey: string | null;
}

/** The JSON body of an event: exactly the contract's fields, in the contract's order. */
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
