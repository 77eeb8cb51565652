import type { Media } from '../../domain/media.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import type { PartPlace } from './part-place.ts';

export interface QuotaOptions {
  readonly store: Pick<MediaStore, 'reserveBytes'>;
  /** Bytes that an account may keep; null for no limit. */
  readonly most: number | null;
}

/**
 * Lets a part in before its bytes are read. A part of a range says how large its file is: all of it is counted with
 * the first part, so that uploads at the same time can't pass the limit, and later parts cost nothing. Of others
 * the size is known once they have come: they are let in while the account has not reached its limit.
 * @throws ApiError `limit_reached`
 */
export async function admitToAccount(
  media: Pick<Media, 'id' | 'keptBytes'>,
  place: PartPlace,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (place.kind !== 'progressive')
    await keepAtLeast(media, place.kind === 'range' ? place.total : 1, { store, most });
  else if (most !== null) await store.reserveBytes(media.id, { more: 0 }, most);
}

/**
 * Counts a part that has come, before it is kept. A numbered part that is sent again counts again, until the upload
 * is complete and its real size counts.
 * @throws ApiError `limit_reached`
 */
export async function countReceived(
  media: Pick<Media, 'id' | 'keptBytes'>,
  place: PartPlace,
  size: number,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (place.kind === 'whole') await keepAtLeast(media, size, { store, most });
  else if (place.kind === 'progressive' && most !== null)
    await store.reserveBytes(media.id, { more: size }, most);
}

/** @throws ApiError `limit_reached` */
export async function keepAtLeast(
  { id, keptBytes }: Pick<Media, 'id' | 'keptBytes'>,
  bytes: number,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (most !== null && keptBytes < bytes) await store.reserveBytes(id, { atLeast: bytes }, most);
}
