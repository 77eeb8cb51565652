import type { Media } from '../../domain/media.ts';
import type { Cursor } from './page.ts';

/** Numbers of bytes that the files of a media take beside the uploaded file, as they are stored. */
export interface EncodedBytes {
  /** Bytes of all encoded files: qualities, playlists, the MP4 for download and the thumbnail that encoding took. */
  readonly encoded: number;
  /** Bytes of the custom thumbnail. */
  readonly thumbnail: number;
}

/** A media whose files might take another number of bytes than is stored. */
export interface UnmeasuredMedia {
  readonly id: string;
  readonly stored: EncodedBytes;
  /** Whether the encoded files must be measured. They are not while the media is being encoded. */
  readonly needsEncoded: boolean;
  /** Whether the custom thumbnail must be measured. */
  readonly needsThumbnail: boolean;
}

export interface UnmeasuredPage {
  readonly media: readonly UnmeasuredMedia[];
  /** Cursor of the next page. `null`: this is the last page. */
  readonly after: Cursor | null;
}

/**
 * Bytes of the files that are made for the accounts, and of rows that older versions did not count.
 *
 * The bytes of files are counted before the files are written (`reserve…`), and replaced by what the files take
 * afterwards (`save…`). In between, the media is marked as unmeasured, so that a start after a kill finds and measures it.
 * A deleted media counts nothing, and a call for one changes nothing.
 */
export interface UsageStore {
  /** Returns the bytes of the encoded files and custom thumbnails of an account, including what is reserved for more. */
  encoded(userId: string): Promise<number>;
  /**
   * Raises the bytes of the encoded files of a media to `bytes`, if they are fewer, and marks them as unmeasured. Rejects
   * with `ServiceError('limit_reached')`, and reserves nothing, if the account would then exceed `most` bytes (`null`: no
   * limit). Calls at the same time can't exceed the limit together.
   */
  reserveEncoded(mediaId: string, bytes: number, most: number | null): Promise<void>;
  /** Stores how many bytes the encoded files of a media take. */
  saveEncoded(mediaId: string, bytes: number): Promise<void>;
  /** Does the same as `reserveEncoded` for the custom thumbnail of a media. */
  reserveThumbnail(media: Pick<Media, 'id' | 'userId'>, bytes: number, most: number | null): Promise<void>;
  /** Stores how many bytes the custom thumbnail of a media takes. */
  saveThumbnail(media: Pick<Media, 'id' | 'userId'>, bytes: number): Promise<void>;
  /** Lists media that are unmeasured, page by page. `after`: where the previous page ended; `null`: the first page. */
  unmeasured(after: Cursor | null, limit: number): Promise<UnmeasuredPage>;
  /** Stores what was measured of a media, unless the stored numbers have changed since the media was listed. */
  saveMeasured(media: UnmeasuredMedia, measured: EncodedBytes): Promise<void>;
  /**
   * Counts rows that versions before the migrations 0009 and 0012 have written, in the usage of their accounts: up to
   * `limit` of them. The place that is reached is stored in the same transaction. Each row states what it counts, so
   * that rows may be changed and removed meanwhile.
   * @returns whether all of them are counted
   */
  countOldRows(limit: number): Promise<boolean>;
}
