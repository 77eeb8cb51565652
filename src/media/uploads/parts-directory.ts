import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { partsDir } from '../files/media-files.ts';
import { removeTree } from '../files/remove-tree.ts';
import {
  type ProgressivePlace,
  parsePartName,
  partName,
  rangeLength,
  type StoredPart,
  type StoredPlace,
} from './part-place.ts';
import { isAbsent } from './upload-failure.ts';

const UNFINISHED = '.tmp';
/**
 * Number of names that are parsed, and of files whose sizes are read, in one turn of the event loop. An upload
 * can have 20,000 parts.
 */
const NAMES_PER_TURN = 1_000;
const STATS_AT_ONCE = 64;

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
  const places: StoredPlace[] = [];
  for (const [index, name] of names.entries()) {
    if (index % NAMES_PER_TURN === NAMES_PER_TURN - 1) await nextTurn();
    const place = parsePartName(name);
    if (place !== null) places.push(place);
  }
  return places;
}

/**
 * Returns the places and sizes of the stored parts. The size of a byte range follows from its file name; the
 * size of each numbered part is read with `stat`.
 */
export async function storedParts(dir: string): Promise<StoredPart[]> {
  const places = await storedPlaces(dir);
  const ranges = places.filter((place) => place.kind === 'range');
  const parts: StoredPart[] = ranges.map((place) => ({ place, size: rangeLength(place) }));
  const numbered = places.filter((place) => place.kind === 'progressive');
  for (let start = 0; start < numbered.length; start += STATS_AT_ONCE) {
    const some = numbered.slice(start, start + STATS_AT_ONCE).map((place) => numberedPart(dir, place));
    for (const part of await Promise.all(some)) if (part !== null) parts.push(part);
  }
  return parts;
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function numberedPart(dir: string, place: ProgressivePlace): Promise<StoredPart | null> {
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
