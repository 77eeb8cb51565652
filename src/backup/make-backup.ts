import { dirname, join, relative, resolve } from 'node:path';
import { syncDirectory } from '../data-folder/durable-files.ts';
import { encryptionKeyFile, linkKeyFile, tokenKeysFolder } from '../data-folder/paths.ts';
import type { Media } from '../domain/media.ts';
import type { Cursor } from '../storage/contracts/page.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { backUpMedia } from './back-up-media.ts';
import { explainingFailures } from './backup-error.ts';
import { copyHashed, hashOf } from './copy-file.ts';
import { FileList } from './file-list.ts';
import { filesBelow, prepareFolder, syncFolders } from './folders.ts';
import {
  DATABASE_NAME,
  FORMAT,
  type ListedFile,
  type Manifest,
  SUMS_NAME,
  writeManifest,
} from './manifest.ts';

/** Number of media that are looked up at once. */
const PAGE = 100;
/** Number of media that are copied at the same time. */
const CONCURRENCY = 4;

export interface BackupParts {
  readonly dataDir: string;
  /** The database that the service uses. */
  readonly live: Pick<Storage, 'media'>;
  /** Copies the whole database, as it is at one moment, into a new file. */
  readonly copyDatabase: (file: string) => Promise<void>;
  /** Opens the database, the encryption key and the keys for tokens that are in the folder of a backup. */
  readonly openCopy: (dir: string) => Promise<Pick<Storage, 'media' | 'queue' | 'close'>>;
  /** Version of the program. */
  readonly version: string;
  readonly now: () => number;
}

export interface BackupOptions {
  /** Folder of the backup. It must be empty, or missing. */
  readonly dir: string;
  /** Whether media files are hard links instead of copies, where the file system allows it. */
  readonly linked: boolean;
  /** Whether the data folder's encryption key is copied. */
  readonly hasEncryptionKey: boolean;
}

/**
 * Makes a backup while the service may run. It holds the state of the moment at which the database was copied:
 * everything that was accepted before. The files are copied after the database, because every file that a row
 * promises is in its place before the row is committed, and never changes afterwards. Of what happens to
 * media meanwhile, only removals matter, and these are made in the copy of the database, too.
 * @throws BackupError
 */
export function makeBackup(parts: BackupParts, options: BackupOptions): Promise<Manifest> {
  const dir = resolve(options.dir);
  return explainingFailures(`the backup ${dir} is not complete`, () => copyAll(parts, { ...options, dir }));
}

async function copyAll(parts: BackupParts, options: BackupOptions): Promise<Manifest> {
  const { dir } = options;
  await prepareFolder(dir, parts.dataDir);
  const created_at = new Date(parts.now()).toISOString();
  const database = join(dir, DATABASE_NAME);
  await parts.copyDatabase(database);
  const list = new FileList(join(dir, SUMS_NAME));
  await copyKeys(parts.dataDir, { ...options, list });
  const incomplete_media = await copyAllMedia(parts, { ...options, list });
  const { sum, size } = await hashOf(database);
  await list.add({ files: [{ path: DATABASE_NAME, sum }], bytes: size });
  const manifest: Omit<Manifest, 'format'> = {
    version: parts.version,
    created_at,
    ...(await list.end()),
    has_encryption_key: options.hasEncryptionKey,
    incomplete_media,
  };
  await syncFolders(dir);
  await syncDirectory(dirname(dir));
  await writeManifest(dir, manifest);
  return { format: FORMAT, ...manifest };
}

type Target = BackupOptions & { readonly list: FileList };

async function copyKeys(dataDir: string, { dir, hasEncryptionKey, list }: Target): Promise<void> {
  const inFolder = await filesBelow(tokenKeysFolder(dataDir));
  const keys = [
    ...inFolder.filter((name) => name.endsWith('.json')).map((name) => join(tokenKeysFolder(dataDir), name)),
    linkKeyFile(dataDir),
    ...(hasEncryptionKey ? [encryptionKeyFile(dataDir)] : []),
  ];
  const files: ListedFile[] = [];
  let bytes = 0;
  for (const key of keys) {
    const path = relative(dataDir, key);
    const copied = await copyHashed(key, join(dir, path));
    if (!copied) continue;
    files.push({ path, sum: copied.sum });
    bytes += copied.size;
  }
  await list.add({ files, bytes });
}

/** Copies the files of all media. @returns the ids of media whose files are not complete */
async function copyAllMedia(parts: BackupParts, target: Target): Promise<string[]> {
  // Opening the copy proves that the keys of the backup are those of its database.
  const copy = await parts.openCopy(target.dir);
  const incomplete: string[] = [];
  try {
    // Adds the changes that the service has accepted, and that its database did not contain yet.
    await copy.queue.releaseStaleClaims(null);
    for await (const some of everyMedia(copy)) {
      const copying = some.map((media) => backUpMedia(media, { ...parts, ...target, copy }));
      for (const copied of await Promise.all(copying)) {
        await target.list.add(copied);
        if (!copied.isComplete) incomplete.push(copied.id);
      }
    }
  } finally {
    await copy.close();
  }
  return incomplete;
}

/** Yields all media that were not deleted, a few at a time. */
async function* everyMedia({ media }: Pick<Storage, 'media'>): AsyncGenerator<Media[]> {
  let after: Cursor | null = null;
  do {
    const step: { items: readonly Media[]; after: Cursor | null } = await media.all({ after, limit: PAGE });
    for (let start = 0; start < step.items.length; start += CONCURRENCY)
      yield step.items.slice(start, start + CONCURRENCY);
    after = step.after;
  } while (after !== null);
}
