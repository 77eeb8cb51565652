/**
 * Where a part belongs in its file, and the file name that keeps this. The parts directory is the only record of
 * an upload, so a name says everything about the place, and two copies of one part have the same name.
 */

/** The bytes `start` to `end`, both included and counted from 0, of a file of `total` bytes. */
export interface RangePlace {
  readonly kind: 'range';
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

/** The `number`th part, from 1, of a file whose size its client did not know when it began to send. */
export interface ProgressivePlace {
  readonly kind: 'progressive';
  readonly number: number;
  readonly isLast: boolean;
}

export type StoredPlace = RangePlace | ProgressivePlace;

/** As the client says it. `whole` becomes a range once its bytes are counted. */
export type PartPlace = StoredPlace | { readonly kind: 'whole' };

/** A part that was received, verified and kept; `size` in bytes. */
export interface KeptPart {
  readonly place: StoredPlace;
  readonly size: number;
}

const RANGE_NAME = /^bytes-(\d+)-(\d+)-of-(\d+)$/;
const PROGRESSIVE_NAME = /^part-(\d+)(-of-\d+)?$/;

export function partName(place: StoredPlace): string {
  if (place.kind === 'range') return `bytes-${place.start}-${place.end}-of-${place.total}`;
  return place.isLast ? `part-${place.number}-of-${place.number}` : `part-${place.number}`;
}

/** The place that `name` keeps; null for whatever is not the name of a part (`.tmp`, an operator's own file). */
export function parsePartName(name: string): StoredPlace | null {
  const place = rangeOfName(name) ?? progressiveOfName(name);
  // Only the spelling that partName gives is a part: two spellings of one place would be two parts.
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
