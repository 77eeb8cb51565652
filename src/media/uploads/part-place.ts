/**
 * The place of an uploaded part in its file is its byte range or its part number. The name under which a part
 * is stored contains the whole place, because the directory of the parts is the only record of an upload. A
 * part that is sent again gets the same name, and therefore replaces its earlier copy.
 */

/** Place of a part that is a byte range: the bytes `start` to `end`, both included and counted from 0. */
export interface RangePlace {
  readonly kind: 'range';
  readonly start: number;
  readonly end: number;
  /** Size of the file in bytes. `null`: the part does not tell it, and the file ends with its last byte range. */
  readonly total: number | null;
}

/**
 * Place of a part that has a number, counted from 1. Clients number the parts if they do not know the size of
 * the file when the upload begins.
 */
export interface ProgressivePlace {
  readonly kind: 'progressive';
  readonly number: number;
  /** Number of all parts, which at least the last part tells. `null`: the part does not tell it. */
  readonly count: number | null;
}

export type StoredPlace = RangePlace | ProgressivePlace;

/**
 * Place that the client states for a part. `whole` means that the part is the whole file. Such a part is
 * stored as a byte range, once its bytes are counted.
 */
export type PartPlace = StoredPlace | { readonly kind: 'whole' };

/** Part that was received, verified and stored. `size` is its number of bytes. */
export interface StoredPart {
  readonly place: StoredPlace;
  readonly size: number;
}

const RANGE_NAME = /^bytes-(\d+)-(\d+)(?:-of-(\d+))?$/;
const PROGRESSIVE_NAME = /^part-(\d+)(?:-of-(\d+))?$/;

/** Returns the file name of a stored part. */
export function partName(place: StoredPlace): string {
  const isRange = place.kind === 'range';
  const all = isRange ? place.total : place.count;
  return (
    (isRange ? `bytes-${place.start}-${place.end}` : `part-${place.number}`) +
    (all === null ? '' : `-of-${all}`)
  );
}

/**
 * Parses the place of a part from its file name. Returns `null` for any other file, for example a `.tmp` file
 * that is being received, or a file that an operator added.
 */
export function parsePartName(name: string): StoredPlace | null {
  const place = rangeOfName(name) ?? progressiveOfName(name);
  // A name is accepted only if `partName` returns exactly this name for its place. Otherwise `part-1` and
  // `part-01` would be two parts with the same place.
  return place !== null && partName(place) === name ? place : null;
}

export function isRange(start: number, end: number, total: number | null): boolean {
  const size = total ?? end + 1;
  return start <= end && end < size && Number.isSafeInteger(size);
}

/** @param count number of all parts; `null`: it is not known */
export function isPartNumber(number: number, count: number | null): boolean {
  const last = count ?? number;
  return number >= 1 && number <= last && Number.isSafeInteger(last);
}

/** Returns the smallest size that the file of a byte range can have, in bytes. */
export function smallestSize({ end, total }: RangePlace): number {
  return total ?? end + 1;
}

export function rangeLength(place: RangePlace): number {
  return place.end - place.start + 1;
}

function rangeOfName(name: string): RangePlace | null {
  const match = RANGE_NAME.exec(name);
  if (match === null) return null;
  const [start, end, total] = [Number(match[1]), Number(match[2]), numberOrNull(match[3])];
  return isRange(start, end, total) ? { kind: 'range', start, end, total } : null;
}

function progressiveOfName(name: string): ProgressivePlace | null {
  const match = PROGRESSIVE_NAME.exec(name);
  if (match === null) return null;
  const [number, count] = [Number(match[1]), numberOrNull(match[2])];
  return isPartNumber(number, count) ? { kind: 'progressive', number, count } : null;
}

function numberOrNull(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits);
}
