import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Number of files whose sizes are read at the same time. For a media that lasts a day, reading the sizes of
 * all segments at once would block the event loop for a tenth of a second.
 */
const STATS_AT_ONCE = 64;

/** Number of files below a directory, and the sum of their sizes in bytes. */
export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Returns the size of everything below a directory. A file that disappears counts as 0 bytes. A
 * missing directory counts as empty, because it disappears when its media is deleted. Rejects if anything cannot be read.
 * @param skipped path of a file that is left out
 */
export async function treeSize(directory: string, skipped: string | null = null): Promise<TreeSize> {
  let files = 0;
  let bytes = 0;
  let batch: Promise<number>[] = [];
  const addBatch = async () => {
    for (const size of await Promise.all(batch)) bytes += size;
    batch = [];
  };
  for await (const entry of await openIfPresent(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      const below = await treeSize(path, skipped);
      files += below.files;
      bytes += below.bytes;
      continue;
    }
    if (path === skipped) continue;
    files += 1;
    batch.push(sizeOf(path));
    if (batch.length === STATS_AT_ONCE) await addBatch();
  }
  await addBatch();
  return { files, bytes };
}

/** Returns the size of a file in bytes; 0 if it does not exist. Rejects if it cannot be read at present. */
export function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    (error) => absent(error, 0),
  );
}

function openIfPresent(directory: string) {
  return opendir(directory).catch((error) => absent(error, []));
}

/** Returns `value` if the error says that a path does not exist. Throws any other error again. */
function absent<T>(error: NodeJS.ErrnoException, value: T): T {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
  throw error;
}
