import type { StoryAttempt, StoryDelivery, StoryEntry } from '../../../queries/story.ts';
import type { EventType } from '../../../texts/events.ts';

export interface ToldDelivery {
  readonly delivery: StoryDelivery;
  /** Attempts, the first one first. */
  readonly attempts: readonly StoryAttempt[];
}

export interface ToldEvent {
  readonly kind: 'event';
  readonly id: string;
  readonly at: string;
  readonly type: EventType;
  /** Names of its qualities, joined with commas. */
  readonly qualities: string;
  readonly deliveries: readonly ToldDelivery[];
}

export type Chapter = { readonly kind: 'created' | 'received'; readonly at: string } | ToldEvent;

/**
 * Returns the chapters of a story: the upload, and each event with its deliveries and their attempts, in the order of their
 * times. An event whose deliveries are on several pages is one chapter.
 */
export function chaptersOf(entries: readonly StoryEntry[]): Chapter[] {
  const attempts = Map.groupBy(
    entries.filter(({ kind }) => kind === 'attempt'),
    ({ delivery_id }) => delivery_id,
  );
  const told = entries.flatMap(({ delivery }) =>
    delivery ? [toldDelivery(delivery, attempts.get(delivery.id))] : [],
  );
  const deliveries = Map.groupBy(told, ({ delivery }) => delivery.event_id);
  const chapters = new Map<string, Chapter>();
  for (const entry of entries) {
    if (entry.kind === 'created' || entry.kind === 'received')
      chapters.set(entry.kind, { kind: entry.kind, at: entry.at });
    else if (entry.kind === 'event' && entry.event_id && entry.event)
      chapters.set(entry.event_id, {
        kind: 'event',
        id: entry.event_id,
        at: entry.at,
        type: entry.event,
        qualities: entry.qualities ?? '',
        deliveries: deliveries.get(entry.event_id) ?? [],
      });
  }
  // The upload is recorded a moment after its event was made, and yet comes before it.
  const rank = ({ kind }: Chapter) => ['created', 'received', 'event'].indexOf(kind);
  return [...chapters.values()].sort(
    (one, other) => rank(one) - rank(other) || Date.parse(one.at) - Date.parse(other.at),
  );
}

function toldDelivery(delivery: StoryDelivery, entries: readonly StoryEntry[] = []): ToldDelivery {
  const attempts = entries.flatMap(({ attempt, at }) => (attempt ? [{ ...attempt, at }] : []));
  return { delivery, attempts: attempts.sort((one, other) => one.number - other.number) };
}
