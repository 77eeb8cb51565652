import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { partsDir } from '../files/media-files.ts';
import { parsePartName, partName, rangeLength, type StoredPart, type StoredPlace } from './part-place.ts';
import { isAbsent } from './upload-failure.ts';

const UNFINISHED = '.tmp';

/** Returns a new path below `dir`'s parts, where a file is written until it is complete. Every call returns another. */
export function unfinishedFile(dir: string): string {
  return join(partsDir(dir), `${randomUUID()}${UNFINISHED}`);
}

/** Returns the path of a stored part. */
export function partFile(dir: string, place: StoredPlace): string {
  return join(partsDir(dir), partName(place));
}

/** Reads the places of the parts that are stored for the media at `dir`, in no order. Costs one directory read. */
export async function storedPlaces(dir: string): Promise<StoredPlace[]> {
  const names = await fileNames(partsDir(dir));
  return names.map(parsePartName).filter((place) => place !== null);
}

/**
 * Reads the places and sizes of the stored parts. The name of a range says its size; a numbered part costs a `stat`.
 */
export async function storedParts(dir: string): Promise<StoredPart[]> {
  const places = await storedPlaces(dir);
  const parts = await Promise.all(places.map((place) => storedPart(dir, place)));
  return parts.filter((part) => part !== null);
}

/**
 * Removes incomplete files that a killed process left. Must be called only at a start, because a part that is being
 * received looks the same.
 */
export async function removeStaleParts(dir: string): Promise<void> {
  const stale = (await fileNames(partsDir(dir))).filter((name) => name.endsWith(UNFINISHED));
  await Promise.all(stale.map((name) => rm(join(partsDir(dir), name), { force: true })));
}

/** Removes all parts of the media at `dir`. */
export async function removeParts(dir: string): Promise<void> {
  // A part that arrives meanwhile may add a file while the directory is emptied, so the removal is retried.
  await rm(partsDir(dir), { recursive: true, force: true, maxRetries: 3 });
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
