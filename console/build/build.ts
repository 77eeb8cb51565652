import { glob, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { build } from 'vite';

/**
 * Builds the console into `console/dist`, and puts a compressed copy beside each file that gets smaller, so that the service
 * compresses nothing.
 */

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const compress = promisify(brotliCompress);
/** Files below this number of bytes are not compressed, because their answer fits into one packet anyway. */
const MIN_BYTES = 512;

await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error' });
// The service and the pages don't need the list of chunks. The tests measure with it, and find it here.
for await (const name of glob('**/*.{js,css,html,svg}', { cwd: dist }))
  await compressBeside(join(dist, name));

async function compressBeside(file: string): Promise<void> {
  const bytes = await readFile(file);
  if (bytes.length < MIN_BYTES) return rm(`${file}.br`, { force: true });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await writeFile(`${file}.br`, await compress(bytes, { params }));
}
