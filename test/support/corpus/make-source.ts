import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LISTED_PROGRAMS } from '../media/listed-programs.ts';
import type { Source } from './definition.ts';
import { run } from './programs.ts';

/** Folder of sources that earlier runs have made. */
const CACHE = join(import.meta.dirname, '../../../node_modules/.cache/corpus-sources');
/** Name for the installed build of ffmpeg. */
const BUILD = basename(dirname(LISTED_PROGRAMS.ffmpeg));

/** Makes the source of a case in `dir`. Returns its path. */
export async function makeSource(source: Source, dir: string): Promise<string> {
  const file = join(dir, source.name);
  if ('args' in source) await copyFile(await madeOnce(source.name, source.args), file);
  else {
    const ffmpeg = async (...args: readonly string[]) => void (await run('ffmpeg', args, dir));
    await source.make({ file, dir, ffmpeg });
  }
  return file;
}

/**
 * Returns the path of a source that ffmpeg makes of `args` alone. It is made once for each build of ffmpeg, because every
 * run of the corpus, and each of `script/corpus-builds`, uses the same sources.
 */
async function madeOnce(name: string, args: readonly string[]): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([BUILD, name, args]))
    .digest('hex');
  const folder = join(CACHE, key);
  if (!existsSync(folder)) {
    await mkdir(CACHE, { recursive: true });
    const unfinished = await mkdtemp(join(CACHE, 'unfinished-'));
    await run('ffmpeg', [...args, join(unfinished, name)], unfinished);
    try {
      await rename(unfinished, folder);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(folder)) throw error;
      await rm(unfinished, { recursive: true });
    }
  }
  return join(folder, name);
}
