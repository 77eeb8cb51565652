import type { Actor, Change } from '../../domain/audit.ts';
import type { Media, MediaChanges, MediaStatus, MediaType, MetadataEntry } from '../../domain/media.ts';
import type { Page, PageRequest } from './page.ts';

export interface MediaListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'title';
  readonly statuses: readonly MediaStatus[];
  /** Only media that have all of these tags. */
  readonly tags: readonly string[];
  /** Only media that have all of these entries. */
  readonly metadata: readonly MetadataEntry[];
  readonly type: MediaType | null;
}

/** Bytes to reserve for a media: a total to reach, or a number to add. */
export type Reservation = { readonly atLeast: number } | { readonly more: number };

export type ProbedFacts = Pick<Media, 'duration' | 'type' | 'hasTakenThumbnail'>;

export interface MediaStore {
  /**
   * Creates a media. Rejects with `ServiceError('limit_reached')` when the account already has `mostOpen` media whose
   * upload is not complete (`null`: no limit). They are counted in the same transaction.
   */
  create(media: Media, mostOpen: number | null, by: Actor | null): Promise<void>;
  /**
   * Reserves bytes of the account's storage for a media whose upload is not complete; `{ more: 0 }` reserves
   * nothing, and only checks that there is room for one byte. A received media counts with its size, and a deleted
   * one not at all. Rejects with `ServiceError('limit_reached')`, and reserves nothing, when all media of the account
   * together would exceed `most`: calls at the same time can't exceed it either. Its cost grows with the number of
   * the account's media.
   */
  reserveBytes(id: string, bytes: Reservation, most: number): Promise<void>;
  /** Finds a media of the account, unless it was deleted. */
  find(userId: string, id: string): Promise<Media | null>;
  /** Finds a media of any account, unless it was deleted: for the encoder and for serving files. */
  findAny(id: string): Promise<Media | null>;
  list(userId: string, request: MediaListRequest): Promise<Page<Media>>;
  /** @returns false when the account has no such media */
  update(userId: string, id: string, changes: MediaChanges, change: Change): Promise<boolean>;
  /**
   * Marks a media as deleted, whatever its state.
   * @returns false when the account has no such media
   */
  delete(userId: string, id: string, change: Change): Promise<boolean>;
  /** Lists received media whose encoding has not ended, oldest first: after a crash, they are still to be encoded. */
  unfinished(): Promise<Media[]>;
  /** Returns the status of each media in `ids`, deleted media included. Ids of no media are left out. */
  statuses(ids: readonly string[]): Promise<readonly { id: string; status: MediaStatus }[]>;
  /** Stores what probing the file found. */
  saveProbe(id: string, facts: ProbedFacts, now: number): Promise<void>;
  /** @returns false when the account has no such media */
  setThumbnail(userId: string, id: string, hasThumbnail: boolean, change: Change): Promise<boolean>;
  /** Moves one quality to `transcoding` or `fail`. The move to `done` has an event: see `EventStore.commit`. */
  moveQuality(id: string, position: number, status: 'transcoding' | 'fail', now: number): Promise<void>;
}
