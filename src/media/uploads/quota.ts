import type { Media } from '../../domain/media.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import type { PartPlace } from './part-place.ts';

export interface QuotaOptions {
  readonly store: Pick<MediaStore, 'reserveBytes'>;
  /** Maximum bytes that the account may keep; `null`: no limit. */
  readonly most: number | null;
}

/**
 * Decides whether a part is received, before its bytes are read. A byte range says how large its file is, so the whole
 * file is counted with its first part: simultaneous uploads cannot exceed the limit, and later parts cost nothing. The
 * size of any other part is known only after it was received, so it is admitted while the account is below its limit.
 * @throws ServiceError `limit_reached`
 */
export async function admitToAccount(
  media: Pick<Media, 'id' | 'keptBytes'>,
  place: PartPlace,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (place.kind !== 'progressive')
    await reserveAtLeast(media, place.kind === 'range' ? place.total : 1, { store, most });
  else if (most !== null) await store.reserveBytes(media.id, { more: 0 }, most);
}

/**
 * Counts a received part before it is stored. A numbered part that is sent again counts again. Once the upload is
 * complete, the real size of the file counts.
 * @throws ServiceError `limit_reached`
 */
export async function countReceived(
  media: Pick<Media, 'id' | 'keptBytes'>,
  place: PartPlace,
  size: number,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (place.kind === 'whole') await reserveAtLeast(media, size, { store, most });
  else if (place.kind === 'progressive' && most !== null)
    await store.reserveBytes(media.id, { more: size }, most);
}

/** Counts at least `bytes` for the media. @throws ServiceError `limit_reached` */
export async function reserveAtLeast(
  { id, keptBytes }: Pick<Media, 'id' | 'keptBytes'>,
  bytes: number,
  { store, most }: QuotaOptions,
): Promise<void> {
  if (most !== null && keptBytes < bytes) await store.reserveBytes(id, { atLeast: bytes }, most);
}
