import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TabledColour, tablesOf } from './table.ts';

/**
 * Runs `work` while the tables for `colour` are files of `directory`. `null`: `work` needs no table. The files are
 * removed afterwards, because the directory holds the output of ffmpeg.
 */
export async function withColourTable<T>(
  directory: string,
  colour: TabledColour | null,
  work: () => Promise<T>,
): Promise<T> {
  if (colour === null) return work();
  const tables = tablesOf(colour);
  try {
    for (const [name, text] of tables) await writeFile(join(directory, name), text);
    return await work();
  } finally {
    for (const [name] of tables) await rm(join(directory, name), { force: true });
  }
}
