import type { Actor, Change } from '../../domain/audit.ts';
import type { Media, MediaChanges, MediaStatus, MediaType, MetadataEntry } from '../../domain/media.ts';
import type { Page, PageRequest } from './page.ts';

export interface MediaListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'title';
  readonly statuses: readonly MediaStatus[];
  /** Media that bear all of these. */
  readonly tags: readonly string[];
  readonly metadata: readonly MetadataEntry[];
  readonly type: MediaType | null;
}

export type Reservation = { readonly atLeast: number } | { readonly more: number };

export type ProbedFacts = Pick<Media, 'duration' | 'type' | 'hasTakenThumbnail'>;

export interface MediaStore {
  /** As for webhooks, with `mostOpen` media of the account whose upload is not complete. */
  create(media: Media, mostOpen: number | null, by: Actor | null): Promise<void>;
  /**
   * Counts bytes against what the account may keep, for a media whose upload is not complete: it then keeps `atLeast`
   * so many, or so many `more`; 0 more asks whether there is room for a byte. Once it is received it keeps its size, and nothing when it is deleted.
   * Rejects with `ApiError('limit_reached')`, and counts nothing, where all media of the account together would keep
   * more than `most`: calls at the same time can't pass it. Its cost grows with the account's media.
   */
  reserveBytes(id: string, bytes: Reservation, most: number): Promise<void>;
  /** Null for one that was deleted, too. */
  find(userId: string, id: string): Promise<Media | null>;
  /** The same, whoever owns it: for the encoder and for serving files. */
  findAny(id: string): Promise<Media | null>;
  list(userId: string, request: MediaListRequest): Promise<Page<Media>>;
  /** False when the account has no such media. */
  update(userId: string, id: string, changes: MediaChanges, change: Change): Promise<boolean>;
  /** Marks the media as deleted, from any state. False when the account has no such media. */
  delete(userId: string, id: string, change: Change): Promise<boolean>;
  /** What was received and has no end yet, oldest first: the work of a process that died. */
  unfinished(): Promise<Media[]>;
  /** Of `ids`, those that are media, deleted ones too. What the answer leaves out is not known here. */
  statuses(ids: readonly string[]): Promise<readonly { id: string; status: MediaStatus }[]>;
  /** Notes what a look at the file told. */
  saveProbe(id: string, facts: ProbedFacts, now: number): Promise<void>;
  setThumbnail(userId: string, id: string, hasThumbnail: boolean, change: Change): Promise<boolean>;
  /** Moves one quality to `transcoding` or `fail`; its way to `done` has an event: see `EventStore.commit`. */
  moveQuality(id: string, position: number, status: 'transcoding' | 'fail', now: number): Promise<void>;
}
