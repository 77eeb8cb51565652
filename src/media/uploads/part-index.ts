import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partsDir } from '../files/media-files.ts';
import type { PartPlace } from './part-place.ts';
import { invalidPart } from './upload-failure.ts';

/**
 * Checks the index of a part, which clients count from 0 or from 1, against the place of the part. `index` is
 * the text that the client sent; `null` or empty: the client sent none. Byte ranges and part numbers say where
 * a part belongs, so that an index beside them is not needed; but a part that can only be the first part of its
 * file must not have the index of a later one. Otherwise such parts would replace each other without an error.
 * @throws ServiceError `invalid_upload`
 */
export function checkIndex(place: PartPlace, index: string | null): void {
  const isFirst = place.kind === 'whole' || (place.kind === 'range' && place.start === 0);
  if (!isFirst || !index) return;
  if (place.kind === 'whole' && !/^\d+$/.test(index)) {
    throw invalidPart('index', `expected a whole number, not "${index.slice(0, 40)}"`);
  }
  if (!(Number(index) > 1)) return;
  if (place.kind === 'range') {
    throw invalidPart(
      'index',
      `the part with index ${index} cannot begin at byte 0, as its Content-Range says`,
    );
  }
  throw invalidPart('Content-Range', `the part with index ${index} must say where it belongs: ${EXPECTED}`);
}

const EXPECTED = 'expected "bytes first-last/size", because a part without the header is the whole file';

/**
 * Checks that no whole file with another index was stored before. If a client sends the indexes 0 and 1 without
 * `Content-Range`, these are two parts of one file.
 * @throws ServiceError `invalid_upload`
 */
export async function checkWholeIndex(dir: string, index: string | null): Promise<void> {
  if (!index) return;
  const names = await readdir(partsDir(dir));
  const other = names.find((name) => name.startsWith(MARK) && name !== markOf(index));
  if (other === undefined) return;
  const earlier = other.slice(MARK.length);
  throw invalidPart(
    'Content-Range',
    `the parts with the indexes ${earlier} and ${Number(index)} must say where they belong: ${EXPECTED}`,
  );
}

/** Records that a whole file with this index was stored. */
export async function markWholeIndex(dir: string, index: string | null): Promise<void> {
  if (index) await writeFile(join(partsDir(dir), markOf(index)), '');
}

/** Beginning of the name of an empty file beside the parts. `parsePartName` does not know this name. */
const MARK = 'whole-index-';

function markOf(index: string): string {
  return `${MARK}${Number(index)}`;
}
