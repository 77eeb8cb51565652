import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';

/**
 * Runs all cases of the corpus. `MEDIA_FFMPEG` and `MEDIA_FFPROBE` name another build of the programs than the one on
 * the PATH.
 */

const files = globSync('cases/**/*.ts', { cwd: import.meta.dirname }).sort();

describe('the corpus', { concurrency: availableParallelism() }, async () => {
  for (const file of files) await import(join(import.meta.dirname, file));
});
