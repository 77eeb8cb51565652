import type { Media } from '../../domain/media.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import { type PartPlace, smallestSize } from './part-place.ts';

export interface QuotaOptions {
  readonly store: Pick<MediaStore, 'reserveBytes'>;
  /** Maximum number of bytes that the account is allowed to keep; `null`: no limit. */
  readonly most: number | null;
}

/**
 * Checks the account's quota before the bytes of a part are received. A byte range usually states
 * the size of its whole file, so the first part counts the whole file against the quota. Simultaneous uploads
 * therefore cannot exceed the quota together, and later parts of the file add nothing to the count. A range
 * without the size counts all bytes up to its end. The size of any other part is known only after the part was
 * received, so such a part is admitted while the account is below its quota.
 * @throws ServiceError `limit_reached`
 */
export async function admitToAccount(
  media: Pick<Media, 'id' | 'userId' | 'keptBytes'>,
  place: PartPlace,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (place.kind !== 'progressive')
    await reserveAtLeast(media, place.kind === 'range' ? smallestSize(place) : 1, { store, most });
  else if (most !== null) await store.reserveBytes(media, { room: 1 }, most);
}

/**
 * Counts the bytes of a received part against the account's quota, before the part is stored. A numbered part
 * that is sent again is counted again. When the upload is completed, the actual size of the file replaces
 * this sum.
 * @throws ServiceError `limit_reached`
 */
export async function countReceived(
  media: Pick<Media, 'id' | 'userId' | 'keptBytes'>,
  place: PartPlace,
  size: number,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (place.kind === 'whole') await reserveAtLeast(media, size, { store, most });
  else if (place.kind === 'progressive' && most !== null)
    await store.reserveBytes(media, { more: size }, most);
}

/**
 * Raises the number of bytes that the quota counts for a media to `bytes`. Does nothing if the number is
 * already at least `bytes`, or if no limit is configured.
 * @throws ServiceError `limit_reached`
 */
export async function reserveAtLeast(
  media: Pick<Media, 'id' | 'userId' | 'keptBytes'>,
  bytes: number,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (most !== null && media.keptBytes < bytes) await store.reserveBytes(media, { atLeast: bytes }, most);
}

/** Number of bytes of one account in flight after which its quota is checked again. */
const CHECKED_EVERY_BYTES = 4 * 1024 * 1024;

/**
 * Bytes of parts that are being received and are not counted against the quota of their account yet, because their
 * sizes are not known. While they arrive, they are compared with the room that the quota leaves.
 */
export class BytesInFlight {
  readonly #accounts = new Map<string, { parts: number; bytes: number; checkedBytes: number }>();

  /** Begins to count the bytes of one part. The caller must call `end` once. */
  begin(account: string): PartInFlight {
    const total = this.#accounts.getOrInsertComputed(account, () => ({
      parts: 0,
      bytes: 0,
      checkedBytes: 0,
    }));
    total.parts += 1;
    let own = 0;
    return {
      add: (bytes) => {
        own += bytes;
        total.bytes += bytes;
        if (total.bytes - total.checkedBytes < CHECKED_EVERY_BYTES) return null;
        total.checkedBytes = total.bytes;
        return total.bytes;
      },
      end: () => {
        total.bytes -= own;
        total.checkedBytes = Math.min(total.checkedBytes, total.bytes);
        total.parts -= 1;
        if (total.parts === 0) this.#accounts.delete(account);
      },
    };
  }
}

export interface PartInFlight {
  /**
   * Counts received bytes. Returns the number of bytes in flight of the account if the quota must be checked now,
   * otherwise `null`.
   */
  readonly add: (bytes: number) => number | null;
  readonly end: () => void;
}
