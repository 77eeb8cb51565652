import type { Delivery } from '../domain/delivery.ts';
import { notFound } from '../domain/errors.ts';
import type { EventType } from '../domain/event.ts';
import type { Media } from '../domain/media.ts';
import type { StoryDelivery, StoryEvent } from '../storage/contracts/deliveries.ts';
import type { Cursor } from '../storage/contracts/page.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { ShownDelivery } from './shown-delivery.ts';

/** Maximum number of deliveries whose entries are on one page of a story. */
const PAGE_SIZE = 50;

/** One thing that happened to a media, at a time. */
export type StoryEntry =
  | { readonly kind: 'created' | 'received'; readonly at: number }
  | {
      readonly kind: 'event';
      readonly at: number;
      readonly eventId: string;
      readonly event: EventType;
      /** Names of the qualities that the event is about, joined with commas. */
      readonly qualities: string;
    }
  | { readonly kind: 'delivery'; readonly at: number; readonly delivery: ShownDelivery }
  | {
      readonly kind: 'attempt';
      readonly at: number;
      readonly delivery: Delivery;
      readonly attempt: StoryDelivery['attempts'][number];
    };

export interface Story {
  /** `null`: the service did not encode the media, but a platform published its events. */
  readonly media: Media | null;
  /** Entries in the order of their times. */
  readonly entries: readonly StoryEntry[];
  /** Cursor for the entries of earlier deliveries; `null`: these are the oldest. */
  readonly next: Cursor | null;
}

export interface MediaStoryOptions {
  readonly storage: Pick<Storage, 'deliveries' | 'media'>;
  /** Returns a delivery as lists show it. */
  readonly shown: (delivery: Delivery) => ShownDelivery;
}

/**
 * Returns what happened to a media: its upload, its events, their deliveries, and each attempt. A page has the entries of the
 * newest deliveries, or of those before a cursor; the oldest page begins with the upload. An event that no webhook wanted is not
 * part of it.
 * @throws ServiceError `not_found` when the account has neither the media nor deliveries of it
 */
export async function storyOf(
  { storage, shown }: MediaStoryOptions,
  {
    userId,
    mediaId,
    before,
  }: { readonly userId: string; readonly mediaId: string; readonly before: Cursor | null },
): Promise<Story> {
  const media = await storage.media.find(userId, mediaId);
  const page = await storage.deliveries.story(userId, mediaId, { before, limit: PAGE_SIZE });
  if (!media && page.deliveries.length === 0 && before === null && page.next === null)
    throw notFound('media');
  const entries = [
    ...(media && page.next === null ? uploadOf(media) : []),
    ...page.events.map(entryOfEvent),
    ...page.deliveries.flatMap((one) => entriesOfDelivery(one, shown)),
  ];
  // The sort keeps the order of entries with the same time: an event before its deliveries, these before attempts.
  return { media, entries: entries.toSorted((one, other) => one.at - other.at), next: page.next };
}

function uploadOf({ createdAt, receivedAt }: Media): StoryEntry[] {
  const created = { kind: 'created', at: createdAt } as const;
  return receivedAt === null ? [created] : [created, { kind: 'received', at: receivedAt }];
}

function entryOfEvent({ id: eventId, type: event, emittedAt: at, body }: StoryEvent): StoryEntry {
  const { qualities } = JSON.parse(body) as { qualities: string };
  return { kind: 'event', at, eventId, event, qualities };
}

function entriesOfDelivery(
  { delivery, attempts }: StoryDelivery,
  shown: MediaStoryOptions['shown'],
): StoryEntry[] {
  return [
    { kind: 'delivery', at: delivery.createdAt, delivery: shown(delivery) },
    ...attempts.map((attempt): StoryEntry => ({ kind: 'attempt', at: attempt.at, delivery, attempt })),
  ];
}
