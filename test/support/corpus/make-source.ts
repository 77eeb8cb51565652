import { join } from 'node:path';
import type { Source } from './definition.ts';
import { run } from './programs.ts';

/** Makes the source of a case in `dir`. Returns its path. */
export async function makeSource(source: Source, dir: string): Promise<string> {
  const file = join(dir, source.name);
  if ('args' in source) await run('ffmpeg', [...source.args, file], dir);
  else {
    const ffmpeg = async (...args: readonly string[]) => void (await run('ffmpeg', args, dir));
    await source.make({ file, dir, ffmpeg });
  }
  return file;
}
