import { rm } from 'node:fs/promises';
import { COMMAND_LINE } from '../domain/audit.ts';
import type { Media } from '../domain/media.ts';
import { mediaDir } from '../media/files/media-files.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { ListedFile } from './manifest.ts';
import { type CopiedMedia, copyMedia, hasItsFiles } from './media-files.ts';

/** Maximum number of times that the files of a media are copied, if the service renames some meanwhile. */
const MAX_COPIES = 3;

export interface MediaBackupParts {
  readonly dataDir: string;
  /** Folder of the backup. */
  readonly dir: string;
  readonly linked: boolean;
  /** The database that the service uses. */
  readonly live: Pick<Storage, 'media'>;
  /** The copy of the database, in the backup. */
  readonly copy: Pick<Storage, 'media'>;
  readonly now: () => number;
}

export interface MediaBackup {
  readonly id: string;
  readonly files: readonly ListedFile[];
  readonly bytes: number;
  /** Whether all files are there that the row of the media promises. */
  readonly isComplete: boolean;
}

/**
 * Copies the files of a media, and makes sure that they match its row in the copy of the database. If the
 * media or its own thumbnail was removed since the database was copied, the row is changed accordingly.
 */
export async function backUpMedia(media: Media, parts: MediaBackupParts): Promise<MediaBackup> {
  const { id, userId } = media;
  let copied: CopiedMedia = { files: [], bytes: 0, isTorn: false };
  let isComplete = false;
  for (let copies = 0; copies < MAX_COPIES && (!isComplete || copied.isTorn); copies += 1) {
    copied = await copyMedia(parts.dataDir, parts.dir, { mediaId: id, linked: parts.linked });
    isComplete = await hasItsFiles(mediaDir(parts.dir, id), media);
  }
  if (isComplete) return { id, ...copied, isComplete };

  const change = { at: parts.now(), by: COMMAND_LINE };
  const live = await parts.live.media.findAny(id);
  if (!live) {
    await parts.copy.media.delete(userId, id, change);
    await rm(mediaDir(parts.dir, id), { recursive: true, force: true });
    return { id, files: [], bytes: 0, isComplete: true };
  }
  if (media.hasThumbnail && !live.hasThumbnail) {
    await parts.copy.media.setThumbnail(userId, id, false, change);
    isComplete = await hasItsFiles(mediaDir(parts.dir, id), { ...media, hasThumbnail: false });
  }
  return { id, ...copied, isComplete };
}
