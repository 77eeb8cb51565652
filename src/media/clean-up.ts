import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaRoot } from '../data-folder/paths.ts';
import type { Logger } from '../logging/logger.ts';
import type { MediaStore } from '../storage/contracts/media.ts';
import { SCRATCH, scratchDir, TRASH } from './files/media-files.ts';
import type { MediaTrash } from './files/trash.ts';
import { removeStaleParts } from './uploads/parts-directory.ts';

/** Maximum number of unknown files and folders whose names one log message contains. */
const SHOWN_UNKNOWN = 5;
/** Number of entries of the folder of all media whose states are read in one query. */
const ENTRIES_PER_QUERY = 500;

export interface CleanUpOptions {
  readonly dataDir: string;
  readonly store: Pick<MediaStore, 'statuses'>;
  readonly trash: Pick<MediaTrash, 'empty' | 'moveContents' | 'moveMedia'>;
  readonly logger: Logger;
}

/** Findings of a clean-up so far. */
interface Findings {
  /** Number of deleted media whose files were left. */
  deleted: number;
  /** Number of entries that belong to no media. */
  unknown: number;
  /** Names of the first of these entries. */
  readonly examples: string[];
}

/**
 * Removes the files of deleted media, and the files that a killed process left in the folder of all media.
 * Must be called when the service starts, before any other code writes into that folder. Entries that belong
 * to no media of this database are kept, because they might belong to another database. The folder is read in
 * steps, so that the memory does not grow with the number of media.
 */
export async function cleanUpMedia(options: CleanUpOptions): Promise<void> {
  const { dataDir, trash, logger } = options;
  const root = mediaRoot(dataDir);
  await trash.empty();
  await trash.moveContents(scratchDir(dataDir));
  const findings: Findings = { deleted: 0, unknown: 0, examples: [] };
  let names: string[] = [];
  for await (const { name } of await opendir(root, { bufferSize: ENTRIES_PER_QUERY })) {
    if (name === TRASH || name === SCRATCH) continue;
    names.push(name);
    if (names.length < ENTRIES_PER_QUERY) continue;
    await cleanUpSome(names, options, findings);
    names = [];
  }
  await cleanUpSome(names, options, findings);
  const { deleted, unknown, examples } = findings;
  if (deleted > 0) logger.info({ count: deleted }, 'files of deleted media were removed');
  if (unknown > 0) {
    const shown = { count: unknown, examples };
    logger.warn({ folder: root, ...shown }, 'entries that belong to no media of this database are kept');
  }
}

async function cleanUpSome(
  names: readonly string[],
  { dataDir, store, trash }: CleanUpOptions,
  findings: Findings,
): Promise<void> {
  const statuses = new Map((await store.statuses(names)).map(({ id, status }) => [id, status]));
  for (const name of names) {
    const status = statuses.get(name);
    if (status === undefined) {
      findings.unknown += 1;
      if (findings.examples.length < SHOWN_UNKNOWN) findings.examples.push(name);
    } else if (status === 'deleted') {
      findings.deleted += 1;
      await trash.moveMedia(name);
    }
    // Only an upload that is not complete has parts.
    else if (status === 'new') await removeStaleParts(join(mediaRoot(dataDir), name));
  }
}
