import type { Readable } from 'node:stream';
import type { Actor } from '../../domain/audit.ts';
import { notFound, ServiceError } from '../../domain/errors.ts';
import { DEFAULT_QUALITIES, type Media, requestOf } from '../../domain/media.ts';
import { mediaEvent } from '../../events/media-event.ts';
import type { Publisher } from '../../events/publisher.ts';
import { KeyedMutex } from '../../platform/keyed-mutex.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import { mediaDir } from '../files/media-files.ts';
import { whilePresent } from '../files/while-present.ts';
import { MAX_COPIES, overlapping } from './part-admission.ts';
import { type PartPlace, type RangePlace, rangeLength, smallestSize } from './part-place.ts';
import { storedParts } from './parts-directory.ts';
import { admitToAccount, BytesInFlight, countReceived, reserveAtLeast } from './quota.ts';
import { discardPart, type ReceivedPart, receivePart } from './receive-part.ts';
import { storePart } from './store-part.ts';
import { stateOfParts, stateOfWhole, type UploadState } from './upload-state.ts';
import { type UploadedFile, uploadedFile } from './uploaded-file.ts';

export interface UploadsOptions {
  readonly store: Pick<MediaStore, 'find' | 'findAny' | 'reserveBytes'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly dataDir: string;
  /** Maximum number of bytes of one uploaded file. */
  readonly maxFileBytes: number;
  /** Maximum number of bytes of media files that an account is allowed to keep; `null`: no limit. */
  readonly maxAccountBytes: number | null;
  /** Rejects with `limit_reached` if the account has no room for encoded files. */
  readonly admitEncoding: (userId: string) => Promise<void>;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when the file of a media was completely received, so that its encoding begins. */
  readonly onReceived: (media: Pick<Media, 'id' | 'userId'>) => void;
  /** Stops the encoding job of a deleted media, and removes the files of the media. */
  readonly discard: (mediaId: string) => Promise<void>;
  /** Returns whether a received file of an account holds sound and no picture. */
  readonly isSoundAlone: (account: string, dir: string, file: UploadedFile) => Promise<boolean>;
  /** Runs `receive`, which receives one part, and counts the part in the metrics. */
  readonly countPart: <T>(receive: () => Promise<T>) => Promise<T>;
}

/** Maximum number of uploads whose state is remembered. A state takes at most some kilobytes. */
const MAX_STATES = 1_000;

/** Fields of the form with which a part was sent. `null`: the client did not send the field. */
export interface PartFields {
  /** MD5 of the part in hex. */
  readonly hash: string | null;
  /** Number of the part, which clients count from 0 or from 1. */
  readonly index: string | null;
}

export interface PartRequest {
  readonly userId: string;
  readonly mediaId: string;
  readonly place: PartPlace;
}

/**
 * Receives the bytes of the part that a request contains. Aborting `signal` ends the wait for bytes of a
 * client that has disconnected.
 */
export type ReceiveBytes = (stream: Readable, signal: AbortSignal) => Promise<void>;

/** Use cases of uploads: receiving the parts of a file, and completing the upload. */
export class Uploads {
  readonly #options: UploadsOptions;
  /**
   * Runs two operations on the same media one after another: completing the upload, and replacing its earlier
   * parts by a whole file.
   */
  readonly #mutex = new KeyedMutex();
  /**
   * States of unfinished uploads, by media. A state costs a read of all names of parts, and a client may ask
   * for it often. The state is forgotten when a part was stored, because no other process stores parts.
   */
  readonly #states = new Map<string, Promise<UploadState>>();

  /** Bytes that are being received, of parts whose sizes are not known. */
  readonly #inFlight = new BytesInFlight();
  /** For each media, the number of bytes of its byte ranges that are being received. */
  readonly #rangesInFlight = new Map<string, { bytes: number; size: number }>();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /**
   * Receives and stores a part. `readRequest` must read the request, pass the bytes of the part to `receive`,
   * and return the other fields of the form. If `readRequest` rejects, nothing is stored.
   * @throws ServiceError `not_found`, `conflict`, `limit_reached`, `too_large`, `invalid_upload` or
   * `storage_full`
   */
  async addPart(
    { userId, mediaId, place }: PartRequest,
    readRequest: (receive: ReceiveBytes) => Promise<PartFields>,
  ): Promise<void> {
    const media = await this.#find(userId, mediaId);
    if (media.receivedAt !== null)
      throw new ServiceError('conflict', 'the upload of this media is already complete');
    await admitToAccount(media, place, this.#quota);
    await this.#options
      .countPart(() =>
        whilePresent(media, this.#options, () => this.#receiveAndStore(media, place, readRequest)),
      )
      .finally(() => this.#states.delete(mediaId));
  }

  /**
   * Completes an upload: checks that all bytes of the file were received, and commits the event
   * `file.received` together with the new state of the media. Does nothing if the upload is already complete.
   * @throws ServiceError `upload_incomplete` that says what is missing, `not_found`, `limit_reached`,
   * `storage_full` or `overloaded`
   */
  async complete(userId: string, mediaId: string, by: Actor): Promise<void> {
    const media = await this.#find(userId, mediaId);
    if (media.receivedAt !== null) return;
    const dir = mediaDir(this.#options.dataDir, mediaId);
    await this.#mutex.runExclusive(dir, () => this.#commitReceived(media, dir, by));
  }

  /** Returns which bytes of the file were received. @throws ServiceError `not_found` */
  async state(userId: string, mediaId: string): Promise<UploadState> {
    return this.stateOf(await this.#find(userId, mediaId));
  }

  /** Returns which bytes of the file of a media were received. */
  async stateOf({ id, receivedAt, size }: Pick<Media, 'id' | 'receivedAt' | 'size'>): Promise<UploadState> {
    if (receivedAt !== null) return stateOfWhole(size);
    const known = this.#states.get(id);
    if (known) return known;
    const state = storedParts(mediaDir(this.#options.dataDir, id)).then(stateOfParts);
    this.#states.set(id, state);
    state.catch(() => this.#states.delete(id));
    const [oldest] = this.#states.keys();
    if (this.#states.size > MAX_STATES && oldest !== undefined) this.#states.delete(oldest);
    return state;
  }

  get #quota() {
    const { store, maxAccountBytes } = this.#options;
    return { store, most: maxAccountBytes };
  }

  async #find(userId: string, mediaId: string): Promise<Media> {
    const media = await this.#options.store.find(userId, mediaId);
    if (!media) throw notFound('media');
    return media;
  }

  async #receiveAndStore(
    media: Media,
    place: PartPlace,
    readRequest: (receive: ReceiveBytes) => Promise<PartFields>,
  ): Promise<void> {
    const { store, dataDir, maxFileBytes: maxBytes } = this.#options;
    const dir = mediaDir(dataDir, media.id);
    const received: ReceivedPart[] = [];
    const inFlight = this.#countInFlight(media, place);
    try {
      const { hash: expectedHash, index } = await readRequest(async (stream, signal) => {
        const { onBytes } = inFlight;
        received.push(await receivePart(dir, stream, { place, maxBytes, signal, onBytes }));
      });
      const [part] = received;
      if (!part) throw new Error('the request was read, but the bytes of its part were not received');
      inFlight.end();
      await countReceived(media, place, part.size, this.#quota);
      const isCompleted = async () => (await store.findAny(media.id))?.receivedAt !== null;
      await storePart(dir, part, {
        ...{ place, expectedHash, index: index?.trim() ?? null },
        ...{ isCompleted, mutex: this.#mutex },
      });
    } catch (error) {
      for (const part of received) await discardPart(part);
      throw error;
    } finally {
      inFlight.end();
    }
  }

  /**
   * Counts the bytes of a part while they are received. `end` must be called at the end, and may be called twice.
   * @throws ServiceError `invalid_upload` if the same byte ranges are being received too often at the same time
   */
  #countInFlight(
    media: Media,
    place: PartPlace,
  ): { onBytes: (bytes: number) => Promise<void> | null; end(): void } {
    const { store, most } = this.#quota;
    const ends = new Set<() => void>();
    const end = () => {
      for (const one of ends) one();
      ends.clear();
    };
    if (place.kind === 'range') {
      ends.add(this.#beginRange(media.id, place));
      return { onBytes: () => null, end };
    }
    const part = this.#inFlight.begin(media.userId);
    ends.add(part.end);
    const onBytes = (bytes: number) => {
      const room = most === null ? null : part.add(bytes);
      return room === null || most === null ? null : store.reserveBytes(media, { room }, most);
    };
    return { onBytes, end };
  }

  /** Counts a byte range of a media that is being received. Returns a function that ends the count. */
  #beginRange(mediaId: string, place: RangePlace): () => void {
    const length = rangeLength(place);
    const inFlight = this.#rangesInFlight.get(mediaId) ?? { bytes: 0, size: 0 };
    const size = Math.max(inFlight.size, smallestSize(place));
    if (inFlight.bytes + length > MAX_COPIES * size) throw overlapping();
    inFlight.bytes += length;
    inFlight.size = size;
    this.#rangesInFlight.set(mediaId, inFlight);
    return () => {
      inFlight.bytes -= length;
      if (inFlight.bytes === 0) this.#rangesInFlight.delete(mediaId);
    };
  }

  async #commitReceived(media: Media, dir: string, by: Actor): Promise<void> {
    const { store, publisher, admitEncoding, onReceived, now } = this.#options;
    const file = await uploadedFile(dir);
    await admitEncoding(media.userId);
    // The bytes of the file are counted against the quota here if they are not counted yet. Parts are not
    // counted while no limit is configured.
    await reserveAtLeast(media, file.totalBytes, this.#quota);
    // The default qualities follow the type of the media, which a client that requests nothing does not tell.
    const isUndecided = media.hasDefaultQualities && media.type === 'video';
    const isSound = isUndecided && (await this.#options.isSoundAlone(media.userId, dir, file));
    const received = isSound ? asAudio(media) : media;
    const event = mediaEvent('file.received', received, received.qualities, now());
    const audio = isSound ? { audio: received.qualities } : {};
    const step = { kind: 'received', mediaId: media.id, size: file.totalBytes, by, ...audio } as const;
    const [outcome] = await publisher.publish([{ event, step }]);
    if (outcome === 'committed') onReceived(media);
    // If the storage refuses to record the completion, either another request has completed the upload, or
    // the media was deleted. Only a deleted media is an error.
    else if (!(await store.find(media.userId, media.id))) throw notFound('media');
  }
}

function asAudio(media: Media): Media {
  const qualities = DEFAULT_QUALITIES.audio.map((name, position) => ({
    ...requestOf(name),
    position,
    status: 'waiting' as const,
  }));
  return { ...media, type: 'audio', qualities };
}
