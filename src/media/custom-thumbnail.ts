import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline as pipe } from 'node:stream/promises';
import type { Actor } from '../domain/audit.ts';
import { type ErrorCode, notFound, ServiceError } from '../domain/errors.ts';
import type { Media } from '../domain/media.ts';
import { KeyedMutex } from '../platform/keyed-mutex.ts';
import type { MediaStore } from '../storage/contracts/media.ts';
import type { UsageStore } from '../storage/contracts/usage.ts';
import { type DerivedFileOptions, makeCustomThumbnail } from './encoding/derived-files.ts';
import { MIN_FREE_BYTES } from './encoding/disk-guard.ts';
import { customThumbnailFile, mediaDir, scratchDir } from './files/media-files.ts';
import { inScratchDirectory } from './files/scratch-directory.ts';
import { sizeOf } from './files/tree-size.ts';
import { whilePresent } from './files/while-present.ts';
import { PictureQueue } from './picture-queue.ts';

/** Maximum milliseconds for decoding a picture. An ordinary picture takes a fraction of a second. */
const DECODE_TIMEOUT_MS = 30_000;
/** Maximum number of media whose latest picture is remembered. */
const MAX_REMEMBERED = 1_000;

export interface CustomThumbnailsOptions extends Pick<DerivedFileOptions, 'ffmpegPath' | 'limits'> {
  readonly store: Pick<MediaStore, 'find' | 'setThumbnail'>;
  readonly usage: Pick<UsageStore, 'reserveThumbnail' | 'saveThumbnail'>;
  /** Maximum number of bytes that the encoded files and thumbnails of one account may take. `null`: no limit. */
  readonly mostEncodedBytes: number | null;
  readonly dataDir: string;
  /** Stops the encoding job of a deleted media, and removes the files of the media. */
  readonly discard: (mediaId: string) => Promise<void>;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Use cases of custom thumbnails: an account uploads a picture, and the API shows this picture instead of the
 * thumbnail that was taken from the media itself.
 */
export class CustomThumbnails {
  readonly #options: CustomThumbnailsOptions;
  readonly #queue = new PictureQueue();
  /** For each media, the hash of the picture of which its custom thumbnail was made. */
  readonly #made = new Map<string, string>();
  /** Lets only one request change the custom thumbnail of a media at a time, so that its size is counted right. */
  readonly #changes = new KeyedMutex();

  constructor(options: CustomThumbnailsOptions) {
    this.#options = options;
  }

  /**
   * Sets the custom thumbnail of a media. `receive` must write the uploaded picture to the path that is its
   * argument; the picture is then converted to JPEG. If `receive` rejects, the media does not change. A picture
   * that is sent again is not converted again.
   * @throws ServiceError `not_found`, `unsupported_media_type`, `storage_full`, `limit_reached`,
   * `rate_limited` or `overloaded`
   */
  async set(
    userId: string,
    id: string,
    { by, receive }: { readonly by: Actor; readonly receive: (file: string) => Promise<void> },
  ): Promise<void> {
    const { store, dataDir, now } = this.#options;
    // A request that is refused because too many are in progress must not cost the database anything.
    await this.#queue.admit(userId, async () => {
      if (!(await store.find(userId, id))) throw notFound('media');
      await whilePresent({ id, userId }, this.#options, async () => {
        await inScratchDirectory(scratchDir(dataDir), async (scratch) => {
          const picture = join(scratch, 'picture');
          await receive(picture);
          await this.#convertOnce(picture, { id, userId });
        });
        await store.setThumbnail(userId, id, true, { at: now(), by });
      });
    });
  }

  /**
   * Removes the custom thumbnail of a media: first records the removal in the storage, then removes the file.
   * @throws ServiceError `not_found`
   */
  async remove(userId: string, id: string, by: Actor): Promise<void> {
    const { store, dataDir, now } = this.#options;
    await this.#counting({ id, userId }, async (reserve) => {
      await reserve(0);
      if (!(await store.setThumbnail(userId, id, false, { at: now(), by }))) throw notFound('media');
      await rm(customThumbnailFile(mediaDir(dataDir, id)), { force: true });
    });
  }

  /** Converts a picture, unless the custom thumbnail of the media was made of the same picture. */
  async #convertOnce(picture: string, { id, userId }: Pick<Media, 'id' | 'userId'>): Promise<void> {
    const hash = createHash('sha256');
    await pipe(createReadStream(picture), hash);
    const digest = hash.digest('hex');
    await this.#queue.convert({ account: userId, key: `${id} ${digest}` }, async () => {
      const file = customThumbnailFile(mediaDir(this.#options.dataDir, id));
      if (this.#made.get(id) === digest && existsSync(file)) return;
      this.#made.delete(id);
      await this.#counting({ id, userId }, (reserve) =>
        this.#convert(picture, id, async (made) => reserve(await sizeOf(made))),
      );
      this.#remember(id, digest);
    });
  }

  /**
   * Runs `change`, which must call `reserve` with the size of the new custom thumbnail before it is put in its place. The
   * size that the custom thumbnail has afterwards is then counted.
   */
  #counting(
    media: Pick<Media, 'id' | 'userId'>,
    change: (reserve: (bytes: number) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { usage, dataDir, mostEncodedBytes } = this.#options;
    return this.#changes.runExclusive(media.id, async () => {
      try {
        await change((bytes) => usage.reserveThumbnail(media, bytes, mostEncodedBytes));
      } finally {
        await usage.saveThumbnail(media, await sizeOf(customThumbnailFile(mediaDir(dataDir, media.id))));
      }
    });
  }

  #remember(id: string, digest: string): void {
    this.#made.set(id, digest);
    const [oldest] = this.#made.keys();
    if (this.#made.size > MAX_REMEMBERED && oldest !== undefined) this.#made.delete(oldest);
  }

  async #convert(picture: string, id: string, onMade: (file: string) => Promise<void>): Promise<void> {
    const { dataDir, ffmpegPath, limits } = this.#options;
    const made = await makeCustomThumbnail(picture, {
      mediaDir: mediaDir(dataDir, id),
      ffmpegPath,
      limits,
      minFreeBytes: MIN_FREE_BYTES,
      onMade,
      signal: AbortSignal.timeout(DECODE_TIMEOUT_MS),
    });
    if (made.ok) return;
    if (made.kind === 'no-space') throw new ServiceError('storage_full', made.reason);
    if (made.kind === 'exhausted') throw new ServiceError('overloaded', made.reason);
    const message = `expected a picture, such as JPEG, PNG or WebP; ${made.reason}`;
    throw invalidPicture('unsupported_media_type', message);
  }
}

/** Returns the error with which an uploaded picture is refused. */
export function invalidPicture(code: ErrorCode, message: string): ServiceError {
  return new ServiceError(code, `file: ${message}`, { details: [{ field: 'file', message }] });
}
