import type { Actor, Change } from '../../domain/audit.ts';
import type { Media, MediaChanges, MediaStatus, MediaType, MetadataEntry } from '../../domain/media.ts';
import type { Cursor, PageRequest } from './page.ts';

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

/**
 * Some of the media that were asked for. One answer has a limited size, because a media with the largest tags
 * and metadata has a thousand times the size of others.
 */
export interface MediaPart {
  readonly items: readonly Media[];
  /** Ids of the media that did not fit, in order. `MediaStore.findSome` returns them. */
  readonly rest: readonly string[];
}

export interface MediaPage extends MediaPart {
  /** Number of media in the whole list. */
  readonly total: number;
}

/**
 * A reservation of bytes for a media. `atLeast`: afterwards, at least this number of bytes is reserved in
 * total. `more`: this number of bytes is reserved in addition. `room`: nothing is reserved; the storage only
 * checks that there is room for this number of bytes.
 */
export type Reservation =
  | { readonly atLeast: number }
  | { readonly more: number }
  | { readonly room: number };

/** Maximum numbers of media of one account. `null`: no limit. */
export interface MostMedia {
  /** Media whose upload is not complete. */
  readonly open: number | null;
  /** Media that were received and whose encoding has not ended. */
  readonly unfinished: number | null;
}

/** A received media whose encoding has not ended. */
export type UnfinishedMedia = Pick<Media, 'id' | 'userId'>;

export interface UnfinishedPage {
  readonly media: readonly UnfinishedMedia[];
  /** Cursor of the next page. `null`: this is the last page. */
  readonly after: Cursor | null;
}

export type ProbedFacts = Pick<Media, 'duration' | 'type' | 'notes' | 'hasTakenThumbnail'>;

/** Media of one step of `MediaStore.all`. */
export interface MediaStepList {
  readonly items: readonly Media[];
  readonly after: Cursor | null;
}

export interface MediaStore {
  /**
   * Creates a media. Rejects with `ServiceError('limit_reached')` when the account already has as many media as
   * `most` says (`null`: no limit). These media are counted in the same transaction.
   */
  create(media: Media, most: MostMedia | null, by: Actor | null): Promise<void>;
  /**
   * Reserves bytes of the account's storage for a media whose upload is not complete.
   *
   * Rejects with `ServiceError('limit_reached')`, and reserves nothing, when the total of all media of the
   * account would exceed `most` bytes. In the total, a received media counts with its size, and a deleted
   * media does not count. Calls at the same time can't exceed the limit together. The cost does not grow
   * with the number of the account's media.
   */
  reserveBytes(media: Pick<Media, 'id' | 'userId'>, bytes: Reservation, most: number): Promise<void>;
  /** Finds a media of the account, unless it was deleted. */
  find(userId: string, id: string): Promise<Media | null>;
  /**
   * Finds a media of any account, unless it was deleted. The encoder uses this method, and so does the
   * serving of files.
   */
  findAny(id: string): Promise<Media | null>;
  list(userId: string, request: MediaListRequest): Promise<MediaPage>;
  /** Finds media of the account, in the order of `ids`. Media that were deleted are left out. */
  findSome(userId: string, ids: readonly string[]): Promise<MediaPart>;
  /** @returns false when the account has no such media */
  update(userId: string, id: string, changes: MediaChanges, change: Change): Promise<boolean>;
  /**
   * Deletes a media, whatever its state. Its row stays, with the id and the state alone, until
   * `RetentionStore.removeMedia` removes it, so that files that are left can be recognized.
   * @returns false when the account has no such media
   */
  delete(userId: string, id: string, change: Change): Promise<boolean>;
  /**
   * Lists received media whose encoding has not ended, oldest first, page by page. After a restart, the service
   * encodes these media. Only the fields that the queue of encodes needs are read.
   * @param after `after` of the previous page. `null`: the first page
   * @param userId account whose media are listed; left out: those of all accounts
   */
  unfinished(after: Cursor | null, limit: number, userId?: string): Promise<UnfinishedPage>;
  /**
   * Returns the status of each media in `ids`. Deleted media are included; ids that belong to no media are
   * left out.
   */
  statuses(ids: readonly string[]): Promise<readonly { id: string; status: MediaStatus }[]>;
  /**
   * Lists the media of all accounts that were not deleted, in steps. `after`: where the previous step ended;
   * null begins, and null in the answer says that there are no more.
   */
  all(step: { readonly after: Cursor | null; readonly limit: number }): Promise<MediaStepList>;
  /** Stores what was found out about the file of a media. A later call replaces what an earlier one stored. */
  saveProbe(id: string, facts: ProbedFacts, now: number): Promise<void>;
  /** @returns false when the account has no such media */
  setThumbnail(userId: string, id: string, hasThumbnail: boolean, change: Change): Promise<boolean>;
  /**
   * Changes the status of one quality to `transcoding` or `fail`. `EventStore.commit` makes the change to
   * `done`, because that change has an event.
   */
  moveQuality(id: string, position: number, status: 'transcoding' | 'fail', now: number): Promise<void>;
}
