import { randomUUIDv7 } from 'node:crypto';
import { type EventType, eventBody, type NewEvent } from '../domain/event.ts';
import { type Media, type QualityRequest, qualityNames } from '../domain/media.ts';

/**
 * Returns an event about the present state of a media.
 * @param qualities qualities that the event names: one for `partial.finished`, all of the media for other
 * types
 * @param now milliseconds since the epoch
 */
export function mediaEvent(
  type: EventType,
  media: Media,
  qualities: readonly QualityRequest[],
  now: number,
): NewEvent {
  const body = eventBody({
    type,
    emittedAt: now,
    mediaId: media.id,
    mediaType: media.type,
    qualities: qualityNames(qualities).join(','),
    title: media.title,
    userId: media.userId,
  });
  return {
    id: randomUUIDv7(),
    userId: media.userId,
    mediaId: media.id,
    type,
    emittedAt: now,
    body,
    idempotencyKey: null,
  };
}
