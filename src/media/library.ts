import { randomUUIDv7 } from 'node:crypto';
import type { Actor } from '../domain/audit.ts';
import { notFound } from '../domain/errors.ts';
import {
  DEFAULT_QUALITIES,
  DEFAULT_SEGMENT_DURATION,
  type Media,
  type MediaChanges,
  type MediaType,
  type MetadataEntry,
  type QualityRequest,
  requestOf,
} from '../domain/media.ts';
import type { MediaListRequest, MediaStore, MostMedia } from '../storage/contracts/media.ts';

export interface MediaLibraryOptions {
  readonly store: Pick<MediaStore, 'create' | 'find' | 'findAny' | 'list' | 'findSome' | 'update' | 'delete'>;
  /** Maximum numbers of media of one account. */
  readonly mostMedia: MostMedia;
  /** Rejects with `limit_reached` if the account has no room for encoded files. */
  readonly admitEncoding: (userId: string) => Promise<void>;
  /** Returns the encoding progress of each quality in percent, in the order of the qualities. */
  readonly progressOf: (media: Media) => number[];
  /** Stops the encoding job of a deleted media, and removes the files of the media. */
  readonly discard: (mediaId: string) => Promise<void>;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** One page of a list of media. */
export interface MediaList {
  readonly items: readonly Media[];
  /** Yields the media of the page that follow `items`. `null`: `items` is the whole page. */
  readonly rest: AsyncIterable<readonly Media[]> | null;
  /** Number of media in the whole list. */
  readonly total: number;
}

/** Settings of a new media. If an optional setting is missing, `newMedia` uses its default value. */
export interface MediaSettings {
  readonly title: string;
  /** If the list is empty, the media gets the default qualities of its type. */
  readonly qualities: readonly QualityRequest[];
  readonly description?: string | undefined;
  readonly type?: MediaType | undefined;
  readonly isPublic?: boolean | undefined;
  readonly isMp4?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: readonly MetadataEntry[] | undefined;
  /** Seconds. */
  readonly segmentDuration?: number | undefined;
}

/**
 * Use cases of media. Every method that takes a `userId` and the `id` of a media throws `not_found` if the
 * account does not own the media.
 */
export class MediaLibrary {
  readonly #options: MediaLibraryOptions;

  constructor(options: MediaLibraryOptions) {
    this.#options = options;
  }

  async find(userId: string, id: string): Promise<Media> {
    const media = await this.#options.store.find(userId, id);
    if (!media) throw notFound('media');
    return media;
  }

  /**
   * Finds a media of any account. Returns `null` if the media does not exist or was deleted. The caller must
   * check whether the client is allowed to see the media.
   */
  findAny(id: string): Promise<Media | null> {
    return this.#options.store.findAny(id);
  }

  async list(userId: string, request: MediaListRequest): Promise<MediaList> {
    const { items, rest, total } = await this.#options.store.list(userId, request);
    return { items, rest: rest.length > 0 ? this.#parts(userId, rest) : null, total };
  }

  /** Yields media part by part. A part is read when the caller asks for it. */
  async *#parts(userId: string, ids: readonly string[]): AsyncGenerator<readonly Media[]> {
    for (let left = ids; left.length > 0; ) {
      const { items, rest } = await this.#options.store.findSome(userId, left);
      yield items;
      left = rest;
    }
  }

  /** Returns the encoding progress of each quality in percent, in the order of the qualities. */
  progressOf(media: Media): number[] {
    return this.#options.progressOf(media);
  }

  /**
   * Creates a media whose file is not uploaded yet.
   * @throws ServiceError `limit_reached`
   */
  async create(userId: string, settings: MediaSettings, by: Actor): Promise<Media> {
    const { store, mostMedia, admitEncoding, now } = this.#options;
    await admitEncoding(userId);
    const media = newMedia(userId, settings, now());
    await store.create(media, mostMedia, by);
    return media;
  }

  async update(userId: string, id: string, changes: MediaChanges, by: Actor): Promise<void> {
    const { store, now } = this.#options;
    if (!(await store.update(userId, id, changes, { at: now(), by }))) throw notFound('media');
  }

  /**
   * Deletes a media: marks the media as deleted in the storage, and then ends its encoding job and removes
   * its files. If the storage refuses the deletion, the job and the files stay.
   */
  async delete(userId: string, id: string, by: Actor): Promise<void> {
    const { store, discard, now } = this.#options;
    if (!(await store.delete(userId, id, { at: now(), by }))) throw notFound('media');
    await discard(id);
  }
}

function newMedia(userId: string, settings: MediaSettings, at: number): Media {
  const { type = 'video' } = settings;
  const hasDefaultQualities = settings.qualities.length === 0;
  const qualities = hasDefaultQualities ? DEFAULT_QUALITIES[type].map(requestOf) : settings.qualities;
  return {
    id: randomUUIDv7(),
    userId,
    title: settings.title,
    description: settings.description ?? '',
    type,
    status: 'new',
    qualities: qualities.map((quality, position) => ({ ...quality, position, status: 'waiting' })),
    isPublic: settings.isPublic ?? true,
    isMp4: settings.isMp4 ?? false,
    tags: settings.tags ?? [],
    metadata: settings.metadata ?? [],
    segmentDuration: settings.segmentDuration ?? DEFAULT_SEGMENT_DURATION,
    hasDefaultQualities,
    duration: 0,
    size: 0,
    keptBytes: 0,
    error: null,
    notes: [],
    hasThumbnail: false,
    hasTakenThumbnail: false,
    receivedAt: null,
    createdAt: at,
    updatedAt: at,
  };
}
