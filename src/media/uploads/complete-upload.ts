import type { Actor } from '../../domain/audit.ts';
import { notFound } from '../../domain/errors.ts';
import type { Media } from '../../domain/media.ts';
import { mediaEvent } from '../../events/media-event.ts';
import type { Publisher } from '../../events/publisher.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import type { Pipeline } from '../encoding/pipeline.ts';
import { mediaDir } from '../files/media-files.ts';
import { keepAtLeast, runExclusive, uploadedFile } from './upload.ts';

export interface CompleteUploadOptions {
  readonly store: MediaStore;
  readonly publisher: Publisher;
  readonly pipeline: Pipeline;
  readonly dataDir: string;
  /** Bytes of media that an account may keep; null for no limit. */
  readonly mostBytes: number | null;
  readonly now: () => number;
  /** Who completes it, for the record. */
  readonly by: Actor;
}

/**
 * Ends an upload: once its file is whole, the media is received and `file.received` is owed. Repeats do nothing.
 * @throws ApiError `upload_incomplete` that says what is missing; `not_found`; `limit_reached`; `storage_full`; `overloaded`
 */
export async function completeUpload(media: Media, options: CompleteUploadOptions): Promise<void> {
  if (media.receivedAt !== null) return;
  const dir = mediaDir(options.dataDir, media.id);
  await runExclusive(dir, () => receiveFile(media, dir, options));
}

async function receiveFile(
  media: Media,
  dir: string,
  { store, publisher, pipeline, mostBytes, now, by }: CompleteUploadOptions,
): Promise<void> {
  const { totalBytes } = await uploadedFile(dir);
  // Counted already, unless there was no limit when its parts came.
  await keepAtLeast(media, totalBytes, { store, most: mostBytes });
  const event = mediaEvent('file.received', media, media.qualities, now());
  const step = { kind: 'received', mediaId: media.id, size: totalBytes, by } as const;
  const [outcome] = await publisher.publish([{ event, step }]);
  if (outcome === 'committed') pipeline.enqueue(media.id);
  // Refused, it was completed by a request that ran at the same time, or deleted.
  else if (!(await store.find(media.userId, media.id))) throw notFound('media');
}
