import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaRoot } from '../data-folder/paths.ts';
import type { Logger } from '../logging/logger.ts';
import type { MediaStore } from '../storage/contracts/media.ts';
import { SCRATCH, scratchDir, TRASH } from './files/media-files.ts';
import type { MediaTrash } from './files/trash.ts';
import { removeStaleParts } from './uploads/parts-directory.ts';

/** Maximum number of unknown files and folders whose names one log message contains. */
const SHOWN_UNKNOWN = 5;

export interface CleanUpOptions {
  readonly dataDir: string;
  readonly store: Pick<MediaStore, 'statuses'>;
  readonly trash: MediaTrash;
  readonly logger: Logger;
}

/**
 * Removes the files of deleted media, and the files that a killed process left in the folder of all media.
 * Must be called when the service starts, before any other code writes into that folder. Entries that belong
 * to no media of this database are kept, because they might belong to another database.
 */
export async function cleanUpMedia({ dataDir, store, trash, logger }: CleanUpOptions): Promise<void> {
  const root = mediaRoot(dataDir);
  const names = (await readdir(root)).filter((name) => name !== TRASH && name !== SCRATCH);
  const statuses = new Map((await store.statuses(names)).map(({ id, status }) => [id, status]));
  const deleted = names.filter((name) => statuses.get(name) === 'deleted');
  await trash.empty();
  await trash.empty(scratchDir(dataDir));
  for (const id of deleted) await trash.moveMedia(id);
  if (deleted.length > 0) logger.info({ count: deleted.length }, 'files of deleted media were removed');

  const unknown = names.filter((name) => !statuses.has(name));
  if (unknown.length > 0) {
    const shown = { count: unknown.length, examples: unknown.slice(0, SHOWN_UNKNOWN) };
    logger.warn({ folder: root, ...shown }, 'entries that belong to no media of this database are kept');
  }
  for (const [id, status] of statuses) {
    if (status !== 'deleted') await removeStaleParts(join(root, id));
  }
}
