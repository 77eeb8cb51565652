import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';

/** Content types of the files that a build makes, by the file name's extension. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};
/** Folder whose files have a hash of their content in their names. */
const HASHED = 'assets/';
/** The page that shows every page of the console. */
const PAGE = 'index.html';

export interface ConsoleFile {
  readonly path: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly isCompressed: boolean;
  /** Whether a file of this name never changes. */
  readonly isHashed: boolean;
  /** Value of the header `ETag`. */
  readonly etag: string;
}

/**
 * Returns the folder that `script/bootstrap` has built the console in; `null`: it has not been built. The program may run from its
 * sources or from a bundle below `node_modules`, so that the folder is searched for upwards.
 */
export function findConsole(from = import.meta.dirname): string | null {
  for (let dir = from; ; dir = dirname(dir)) {
    const built = join(dir, 'console/dist');
    if (existsSync(join(built, PAGE))) return built;
    if (dir === dirname(dir)) return null;
  }
}

/**
 * Returns the file that a request asks for; `null`: it does not exist. The pages of the console have paths of their own, and are
 * all shown by the same file.
 * @param name path below /console/
 * @param acceptsBrotli whether the client takes files that are compressed with Brotli
 */
export async function findFile(
  folder: string,
  name: string,
  acceptsBrotli: boolean,
): Promise<ConsoleFile | null> {
  // Makes the path absolute before normalizing it, so that `..` in the path can't leave the folder.
  const path = posix.normalize(`/${name}`).slice(1);
  if (path.includes('\0')) return null;
  const type = CONTENT_TYPES[posix.extname(path)];
  const shown = type === undefined ? PAGE : path;
  if (path.startsWith(HASHED) && type === undefined) return null;
  if (acceptsBrotli) {
    const compressed = await describe(folder, shown, '.br');
    if (compressed) return compressed;
  }
  return describe(folder, shown, '');
}

async function describe(folder: string, name: string, suffix: '' | '.br'): Promise<ConsoleFile | null> {
  const path = join(folder, name + suffix);
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile()) return null;
  return {
    path,
    bytes: stats.size,
    contentType: CONTENT_TYPES[posix.extname(name)] as string,
    isCompressed: suffix !== '',
    isHashed: name.startsWith(HASHED),
    etag: `"${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}${suffix}"`,
  };
}
