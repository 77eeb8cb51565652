import { chmod, mkdir, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { syncDirectory } from '../data-folder/durable-files.ts';
import { BackupError } from './backup-error.ts';

/** Folder that ext4 makes in each of its file systems. A mounted folder that holds it alone is empty. */
const LOST_AND_FOUND = 'lost+found';

/**
 * Returns the paths of all files below a folder, in relation to `dir`. Empty: the folder does not exist.
 * @param name path of the folder in relation to `dir`; left out: `dir` itself
 */
export async function filesBelow(dir: string, name = ''): Promise<string[]> {
  const entries = await readdir(join(dir, name), { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const below = entries.map((entry) => {
    const path = name === '' ? entry.name : `${name}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(dir, path) : [path];
  });
  return (await Promise.all(below)).flat();
}

/** Returns whether a folder has no files, or does not exist. */
export async function isEmpty(dir: string): Promise<boolean> {
  const names = await readdir(dir).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.every((name) => name === LOST_AND_FOUND);
}

/**
 * Makes the folder of a backup, which only its owner can read.
 * @throws BackupError if the folder is not empty, or is a part of the data folder
 */
export async function prepareFolder(dir: string, dataDir: string): Promise<void> {
  if (!(await isEmpty(dir)))
    throw new BackupError(`${dir} is not empty: name a folder that is empty or does not exist`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (`${await realpath(dir)}${sep}`.startsWith(`${await realpath(dataDir)}${sep}`))
    throw new BackupError(
      `${dir} is in the data folder: name a folder outside of it, on another disk if possible`,
    );
  await chmod(dir, 0o700);
}

/** Syncs a folder and all folders below it, so that new files in them survive a power loss. */
export async function syncFolders(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await syncFolders(join(dir, entry.name));
  await syncDirectory(dir);
}
