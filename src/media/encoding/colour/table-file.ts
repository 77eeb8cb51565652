import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COLOUR_TABLE, colourTable, type TabledColour } from './table.ts';

/**
 * Runs `work` while the table for `colour` is a file of `directory`. `null`: `work` needs no table. The file is
 * removed afterwards, because the directory holds the output of ffmpeg.
 */
export async function withColourTable<T>(
  directory: string,
  colour: TabledColour | null,
  work: () => Promise<T>,
): Promise<T> {
  if (colour === null) return work();
  const file = join(directory, COLOUR_TABLE);
  await writeFile(file, colourTable(colour));
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}
