import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Media } from '../domain/media.ts';
import {
  customThumbnailFile,
  dashManifestFile,
  downloadFile,
  hlsMasterFile,
  mediaDir,
  qualityEntryFile,
  sourceFile,
  thumbnailFile,
} from '../media/files/media-files.ts';
import { uploadedFile } from '../media/uploads/uploaded-file.ts';
import { copyHashed } from './copy-file.ts';
import { filesBelow } from './folders.ts';
import type { ListedFile } from './manifest.ts';

/** Ending of the temporary files of parts that are being received. They do not count yet. */
const UNFINISHED = '.tmp';

export interface CopiedMedia {
  readonly files: readonly ListedFile[];
  readonly bytes: number;
  /** Whether files were removed or renamed while the media was copied, so that the copy may lack some. */
  readonly isTorn: boolean;
}

/**
 * Copies the files of a media that are kept from one data folder to another: the source or the parts of its
 * upload, and what is served. Replaces an earlier copy.
 *
 * The service may work on the media meanwhile. The parts are copied before the source, because the source is
 * made of the parts before they are removed: so the copy has at least one of the two.
 */
export async function copyMedia(
  from: string,
  to: string,
  { mediaId, linked }: { readonly mediaId: string; readonly linked: boolean },
): Promise<CopiedMedia> {
  await rm(mediaDir(to, mediaId), { recursive: true, force: true });
  const dir = mediaDir(from, mediaId);
  const names = [
    ...(await filesBelow(dir, 'parts')).filter((name) => !name.endsWith(UNFINISHED)),
    'source',
    ...(await filesBelow(dir, 'public')),
  ];
  const files: ListedFile[] = [];
  let bytes = 0;
  let absent = 0;
  for (const name of names) {
    const copied = await copyHashed(join(dir, name), join(mediaDir(to, mediaId), name), { linked });
    if (!copied) absent += name === 'source' ? 0 : 1;
    else {
      files.push({ path: `media/${mediaId}/${name}`, sum: copied.sum });
      bytes += copied.size;
    }
  }
  return { files, bytes, isTorn: absent > 0 };
}

/**
 * Returns whether all files are in the directory `dir` that the row of a media promises: the uploaded file, if
 * the upload is complete and the media has not failed, the entry of each finished quality, and what is made
 * of the media.
 */
export async function hasItsFiles(dir: string, media: Media): Promise<boolean> {
  const done = media.qualities.filter(({ status }) => status === 'done');
  const expected = [
    ...(media.status === 'done' ? [sourceFile(dir)] : []),
    ...done.map((quality) => qualityEntryFile(dir, quality)),
    ...(done.some(({ type }) => type === 'hls') ? [hlsMasterFile(dir)] : []),
    ...(done.some(({ type }) => type === 'dash') ? [dashManifestFile(dir)] : []),
    ...(media.status === 'done' && media.isMp4 ? [downloadFile(dir)] : []),
    ...(media.hasTakenThumbnail ? [thumbnailFile(dir)] : []),
    ...(media.hasThumbnail ? [customThumbnailFile(dir)] : []),
  ];
  const present = await Promise.all(expected.map(isFile));
  const isReceived = media.receivedAt !== null && (media.status === 'new' || media.status === 'transcoding');
  return present.every(Boolean) && (!isReceived || (await isUploaded(dir)));
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function isUploaded(dir: string): Promise<boolean> {
  return uploadedFile(dir).then(
    () => true,
    () => false,
  );
}
