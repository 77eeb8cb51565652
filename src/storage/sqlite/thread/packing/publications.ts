import { EVENT_TYPES } from '../../../../domain/event.ts';
import type { Publication } from '../../../contracts/events.ts';

/** Values of one publication in the array. */
const WIDTH = 8;

/** Packs publications into one array of their values, `WIDTH` for each. */
export function packPublications(publications: readonly Publication[]): unknown[] {
  const values: unknown[] = [];
  for (const { event, step } of publications) {
    const { id, userId, mediaId, type, emittedAt, body, idempotencyKey } = event;
    values.push(id, userId, mediaId, EVENT_TYPES.indexOf(type), emittedAt, body, idempotencyKey, step);
  }
  return values;
}

export function unpackPublications(values: readonly unknown[]): Publication[] {
  const publications: Publication[] = [];
  for (let at = 0; at < values.length; at += WIDTH) {
    const event = {
      id: values[at],
      userId: values[at + 1],
      mediaId: values[at + 2],
      type: EVENT_TYPES[values[at + 3] as number],
      emittedAt: values[at + 4],
      body: values[at + 5],
      idempotencyKey: values[at + 6],
    };
    publications.push({ event, step: values[at + 7] } as Publication);
  }
  return publications;
}
