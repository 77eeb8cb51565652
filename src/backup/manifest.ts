import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writePrivateFile } from '../data-folder/durable-files.ts';
import { BackupError } from './backup-error.ts';
import { hashOf } from './copy-file.ts';

/** Version of the form of backups. A later form gets a larger number. */
export const FORMAT = 1;
/** Name of the database's file in a backup, wherever it is in the data. */
export const DATABASE_NAME = 'mediahooks.sqlite';
const MANIFEST_NAME = 'backup.json';
/** Name of the list of files, in the form of `sha256sum`, so that `sha256sum -c` can check a backup, too. */
export const SUMS_NAME = 'SHA256SUMS';

/**
 * Description of a backup. It is written last, when everything else is on the disk, so a backup without it is
 * not whole.
 */
export interface Manifest {
  readonly format: typeof FORMAT;
  /** Version of the program that made the backup. */
  readonly version: string;
  /** Time of the state that the backup holds, in ISO 8601. Everything accepted before is in it. */
  readonly created_at: string;
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of the list of files. */
  readonly sums: string;
  /** Whether the encryption key is in the backup. If not, the operator must have a copy of it. */
  readonly has_encryption_key: boolean;
  /** Ids of media whose files were not complete in the data folder either. */
  readonly incomplete_media: readonly string[];
}

export interface ListedFile {
  /** Path of the file in the backup, with `/` between its parts. */
  readonly path: string;
  /** SHA-256 in hex. */
  readonly sum: string;
}

/** Writes the manifest. From then on, the backup in the folder `dir` counts as whole. */
export async function writeManifest(dir: string, manifest: Omit<Manifest, 'format'>): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...manifest }, null, 2)}\n`;
  await writePrivateFile(join(dir, MANIFEST_NAME), text, 'kept');
}

/**
 * Reads the manifest of the backup in the folder `dir`, and checks its list of files.
 * @throws BackupError if the backup is not whole, or is of a form that this version does not know
 */
export async function readManifest(dir: string): Promise<Manifest> {
  const manifest = parse(dir, await readText(dir));
  const list = await hashOf(join(dir, SUMS_NAME)).catch(() => null);
  if (list?.sum !== manifest.sums)
    throw new BackupError(`the backup ${dir} is damaged: ${SUMS_NAME} is not as it was written`);
  return manifest;
}

async function readText(dir: string): Promise<string> {
  const file = join(dir, MANIFEST_NAME);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new BackupError(
        `${dir} is no whole backup, because ${file} does not exist: the backup may have been interrupted`,
      );
    throw new BackupError(`${file} can't be read: ${message}`, { cause });
  }
}

function parse(dir: string, text: string): Manifest {
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw new BackupError(`the backup ${dir} is damaged: ${MANIFEST_NAME} is not JSON`, { cause });
  }
  if (manifest.format !== FORMAT)
    throw new BackupError(
      `the backup ${dir} has the format ${manifest.format}, which this version does not know: restore it with the version that made it${manifest.version ? `, ${manifest.version}` : ''}`,
    );
  return manifest as Manifest;
}

/**
 * Yields the files that the backup in the folder `dir` lists.
 * @throws BackupError if a path leads out of the folder
 */
export async function* listedFiles(dir: string): AsyncGenerator<ListedFile> {
  const lines = createInterface({ input: createReadStream(join(dir, SUMS_NAME), 'utf8') });
  for await (const line of lines) {
    const [, sum, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    const isInside = path?.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
    if (sum === undefined || path === undefined || !isInside)
      throw new BackupError(`the backup ${dir} is damaged: ${SUMS_NAME} has a line of another form`);
    yield { path, sum };
  }
}
