import { notFound } from '../../domain/errors.ts';
import type { Media } from '../../domain/media.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import type { Pipeline } from '../encoding/pipeline.ts';

/**
 * Does `work`, which puts files into the media's directory. A media that was deleted meanwhile had its files removed
 * then, and `work` may have made some after that: they go, too, whether it succeeds or fails.
 * @throws ApiError `not_found` where it was deleted; else what `work` throws
 */
export async function whilePresent<T>(
  media: Pick<Media, 'id' | 'userId'>,
  { store, pipeline }: { readonly store: MediaStore; readonly pipeline: Pipeline },
  work: () => Promise<T>,
): Promise<T> {
  const [result] = await Promise.allSettled([work()]);
  if (!(await store.find(media.userId, media.id))) {
    await pipeline.discard(media.id);
    throw notFound('media');
  }
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
