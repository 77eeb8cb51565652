import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { partsDir } from '../files/media-files.ts';
import { removeTree } from '../files/remove-tree.ts';
import { parsePartName, partName, rangeLength, type StoredPart, type StoredPlace } from './part-place.ts';
import { isAbsent } from './upload-failure.ts';

const UNFINISHED = '.tmp';

/**
 * Returns a new, unique path in the parts directory of the media at `dir`. A file is written there until it
 * is complete.
 */
export function unfinishedFile(dir: string): string {
  return join(partsDir(dir), `${randomUUID()}${UNFINISHED}`);
}

/** Returns the path of a stored part. */
export function partFile(dir: string, place: StoredPlace): string {
  return join(partsDir(dir), partName(place));
}

/**
 * Returns the places (byte ranges or numbers) of the parts that are stored for the media at `dir`, in no
 * particular order. This costs one read of the directory.
 */
export async function storedPlaces(dir: string): Promise<StoredPlace[]> {
  const names = await fileNames(partsDir(dir));
  return names.map(parsePartName).filter((place) => place !== null);
}

/**
 * Returns the places and sizes of the stored parts. The size of a byte range follows from its file name; the
 * size of each numbered part is read with `stat`.
 */
export async function storedParts(dir: string): Promise<StoredPart[]> {
  const places = await storedPlaces(dir);
  const parts = await Promise.all(places.map((place) => storedPart(dir, place)));
  return parts.filter((part) => part !== null);
}

/**
 * Removes the temporary files of parts that a killed process did not receive completely. Must be called only
 * when the service starts, because a part that is being received has the same kind of file.
 */
export async function removeStaleParts(dir: string): Promise<void> {
  const stale = (await fileNames(partsDir(dir))).filter((name) => name.endsWith(UNFINISHED));
  await Promise.all(stale.map((name) => rm(join(partsDir(dir), name), { force: true })));
}

/** Removes all parts of the media at `dir`. */
export async function removeParts(dir: string): Promise<void> {
  await removeTree(partsDir(dir));
}

async function storedPart(dir: string, place: StoredPlace): Promise<StoredPart | null> {
  if (place.kind === 'range') return { place, size: rangeLength(place) };
  try {
    return { place, size: (await stat(partFile(dir, place))).size };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function fileNames(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
