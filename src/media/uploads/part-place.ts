/**
 * The place of a part in its file, and the name of the part's own file, which records that place. The parts directory
 * is the only record of an upload, so a name says everything about the place, and two copies of one part have the same
 * name.
 */

/** Bytes `start` to `end`, both included and counted from 0, of a file of `total` bytes. */
export interface RangePlace {
  readonly kind: 'range';
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

/** Numbered part, counted from 1, of a file whose size the client did not know when it began to send. */
export interface ProgressivePlace {
  readonly kind: 'progressive';
  readonly number: number;
  readonly isLast: boolean;
}

export type StoredPlace = RangePlace | ProgressivePlace;

/** Place as the client states it. `whole` becomes a range once its bytes are counted. */
export type PartPlace = StoredPlace | { readonly kind: 'whole' };

/** Part that was received, verified and stored; `size` in bytes. */
export interface StoredPart {
  readonly place: StoredPlace;
  readonly size: number;
}

const RANGE_NAME = /^bytes-(\d+)-(\d+)-of-(\d+)$/;
const PROGRESSIVE_NAME = /^part-(\d+)(-of-\d+)?$/;

/** Returns the file name of a stored part. */
export function partName(place: StoredPlace): string {
  if (place.kind === 'range') return `bytes-${place.start}-${place.end}-of-${place.total}`;
  return place.isLast ? `part-${place.number}-of-${place.number}` : `part-${place.number}`;
}

/** Parses the place from a part's file name; `null`: `name` is not a part (`.tmp`, an operator's own file). */
export function parsePartName(name: string): StoredPlace | null {
  const place = rangeOfName(name) ?? progressiveOfName(name);
  // Only the spelling of partName counts, because two spellings of one place would be two parts.
  return place !== null && partName(place) === name ? place : null;
}

export function isRange(start: number, end: number, total: number): boolean {
  return start <= end && end < total && Number.isSafeInteger(total);
}

export function isPartNumber(number: number): boolean {
  return number >= 1 && Number.isSafeInteger(number);
}

export function rangeLength(place: RangePlace): number {
  return place.end - place.start + 1;
}

function rangeOfName(name: string): RangePlace | null {
  const match = RANGE_NAME.exec(name);
  if (match === null) return null;
  const [start, end, total] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isRange(start, end, total) ? { kind: 'range', start, end, total } : null;
}

function progressiveOfName(name: string): ProgressivePlace | null {
  const match = PROGRESSIVE_NAME.exec(name);
  if (match === null) return null;
  const number = Number(match[1]);
  return isPartNumber(number) ? { kind: 'progressive', number, isLast: match[2] !== undefined } : null;
}
