import { notFound } from '../../domain/errors.ts';
import type { Media } from '../../domain/media.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';

export interface WhilePresentOptions {
  readonly store: Pick<MediaStore, 'find'>;
  /** Stops the encoding job of a deleted media, and removes the files of the media. */
  readonly discard: (mediaId: string) => Promise<void>;
}

/**
 * Runs `work`, which writes files into the directory of a media, and then checks whether the media still
 * exists. If the media was deleted while `work` was running, removes the files of the media again, because
 * `work` might have written more files after the deletion. The check happens even if `work` failed.
 * @throws ServiceError `not_found` if the media was deleted, otherwise the error of `work`
 */
export async function whilePresent<T>(
  { id, userId }: Pick<Media, 'id' | 'userId'>,
  { store, discard }: WhilePresentOptions,
  work: () => Promise<T>,
): Promise<T> {
  const [result] = await Promise.allSettled([work()]);
  if (!(await store.find(userId, id))) {
    await discard(id);
    throw notFound('media');
  }
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
