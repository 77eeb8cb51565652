import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { syncDirectory } from '../data-folder/durable-files.ts';
import { type DataPlaces, restoreMarker } from '../data-folder/paths.ts';
import { statIfPresent } from '../data-folder/stat-if-present.ts';
import { BackupError, explainingFailures } from './backup-error.ts';
import { copyHashed, hashOf } from './copy-file.ts';
import { isEmpty, syncFolders } from './folders.ts';
import { DATABASE_NAME, type ListedFile, listedFiles, type Manifest, readManifest } from './manifest.ts';

/** Number of files that are copied or checked at the same time. */
const CONCURRENCY = 4;

export interface RestoreParts extends DataPlaces {
  /** Creates the data folder and locks it, so that no server starts. Returns a function that unlocks it. */
  readonly createAndLock: () => () => void;
}

/**
 * Checks every file of a backup against its checksum. Changes nothing.
 * @throws BackupError if the backup is not whole
 */
export async function checkBackup(folder: string): Promise<Manifest> {
  const dir = resolve(folder);
  const manifest = await readManifest(dir);
  await forEachFile(dir, manifest, async ({ path, sum }) => {
    const found = await hashOf(join(dir, path)).catch(() => null);
    if (found?.sum !== sum) throw damaged(dir, path);
  });
  return manifest;
}

/**
 * Copies a backup into an empty data folder, and checks each file against its checksum. A start refuses the
 * folder until the copy is complete, so an interrupted one is never taken for the whole data.
 * @throws BackupError if the backup is not whole, or the data folder or the database exists
 */
export async function restoreBackup(folder: string, parts: RestoreParts): Promise<Manifest> {
  const dir = resolve(folder);
  const manifest = await readManifest(dir);
  const database = fileURLToPath(parts.databaseUrl);
  if (!(await isEmpty(parts.dataDir)))
    throw new BackupError(
      `the data folder ${parts.dataDir} is not empty: a backup is restored into an empty one only`,
    );
  // The journal of another database would be taken for this one's.
  for (const file of [database, `${database}.journal`])
    if (statIfPresent(file)) throw new BackupError(`the database ${file} exists: move it away first`);
  const unlock = parts.createAndLock();
  try {
    await explainingFailures(`the restore into ${parts.dataDir} is not complete`, () =>
      copyInto({ ...parts, database }, dir, manifest),
    );
  } finally {
    unlock();
  }
  return manifest;
}

async function copyInto(
  { dataDir, database }: { readonly dataDir: string; readonly database: string },
  dir: string,
  manifest: Manifest,
): Promise<void> {
  const marker = restoreMarker(dataDir);
  await writeFile(marker, '', { flush: true });
  await syncDirectory(dataDir);
  await forEachFile(dir, manifest, async ({ path, sum }) => {
    const target = path === DATABASE_NAME ? database : join(dataDir, path);
    if ((await copyHashed(join(dir, path), target))?.sum !== sum) throw damaged(dir, path);
  });
  await syncFolders(dataDir);
  await syncDirectory(dirname(database));
  await rm(marker);
  await syncDirectory(dataDir);
}

async function forEachFile(
  dir: string,
  { files }: Manifest,
  work: (file: ListedFile) => Promise<void>,
): Promise<void> {
  let count = 0;
  const next = listedFiles(dir);
  const takeTurns = async () => {
    for await (const file of next) {
      await work(file);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, takeTurns));
  if (count !== files)
    throw new BackupError(`the backup ${dir} is damaged: it lists ${count} files instead of ${files}`);
}

function damaged(dir: string, path: string): BackupError {
  return new BackupError(`the backup ${dir} is damaged: ${path} is missing or not as it was written`);
}
