import { ServiceError } from '../../domain/errors.ts';
import {
  type PartPlace,
  type ProgressivePlace,
  partName,
  type RangePlace,
  rangeLength,
  type StoredPart,
  type StoredPlace,
  smallestSize,
} from './part-place.ts';
import { invalidPart } from './upload-failure.ts';

/**
 * Maximum number of parts of one upload. Clients send parts of at least 5 MiB. With parts of 5 MiB, this
 * limit allows a file of about 100 GiB. Without a limit, an upload in parts of one byte would use up the
 * inodes of the disk.
 */
export const MAX_PARTS = 20_000;

/**
 * Maximum total size of the stored parts of an upload, as a multiple of the size of the file. The total size
 * can exceed the size of the file, because parts overlap if a client resumes the upload with another part
 * size. Without a limit, an account could fill the disk with the parts of one small file.
 */
export const MAX_COPIES = 3;

/**
 * Decides whether a part is accepted, and returns the maximum number of bytes that the part can have. `place`
 * is the byte range or the number of the part; `stored` lists the parts that are already stored. A part that
 * is sent again replaces its earlier copy.
 * @throws ServiceError `too_large` if the file would be larger than `maxBytes`; `invalid_upload` if the part
 * contradicts a stored part, if the upload has too many parts, or if its parts overlap too much
 */
export function admitPart(place: PartPlace, stored: readonly StoredPart[], maxBytes: number): number {
  // A whole file is not compared with the stored parts, because it replaces all of them.
  if (place.kind === 'whole') return maxBytes;
  checkAgreement(
    place,
    stored.map((part) => part.place),
  );
  const name = partName(place);
  const others = stored.filter((part) => partName(part.place) !== name);
  if (others.length >= MAX_PARTS)
    throw refused(`the upload already has ${MAX_PARTS} parts; expected larger parts`);
  return place.kind === 'range'
    ? rangeAllowance(place, others, maxBytes)
    : progressiveAllowance(place, others, maxBytes);
}

/**
 * Checks that a part can belong to the same file as the stored parts.
 * @throws ServiceError `invalid_upload` if the part contradicts a stored part
 */
export function checkAgreement(place: StoredPlace, stored: readonly StoredPlace[]): void {
  for (const other of stored) {
    const contradiction = contradictionOf(place, other);
    if (contradiction !== null) throw refused(contradiction);
  }
}

/** Returns the error for a file that is too large. */
export function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError(
    'too_large',
    `the file is larger than the ${maxBytes} bytes that this server accepts`,
  );
}

/** Returns the error for parts that overlap too much. */
export function overlapping(): ServiceError {
  return refused(`the parts overlap: together they have more than ${MAX_COPIES} times the bytes of the file`);
}

function contradictionOf(place: StoredPlace, other: StoredPlace): string | null {
  if (place.kind === 'progressive' && other.kind === 'progressive') return orderContradiction(place, other);
  if (place.kind === 'progressive' || other.kind === 'progressive') {
    return 'this upload has both byte ranges and numbered parts; expected one of the two';
  }
  return sizeContradiction(place, other);
}

function sizeContradiction(place: RangePlace, other: RangePlace): string | null {
  if (place.total !== null && other.total !== null) {
    if (place.total === other.total) return null;
    return `this part says that the file has ${place.total} bytes, but an earlier part says ${other.total}`;
  }
  if (other.total !== null && place.end >= other.total) {
    return `this part ends with byte ${place.end}, but an earlier part says that the file has ${other.total} bytes`;
  }
  if (place.total !== null && other.end >= place.total) {
    return `this part says that the file has ${place.total} bytes, but an earlier part ends with byte ${other.end}`;
  }
  return null;
}

function orderContradiction(place: ProgressivePlace, other: ProgressivePlace): string | null {
  if (other.count !== null && place.number > other.count) {
    return `part ${place.number} comes after part ${other.count}, which was announced as the last part`;
  }
  if (place.count !== null && other.number > place.count) {
    return `this part says that part ${place.count} is the last part, but part ${other.number} was sent before`;
  }
  if (place.count !== null && other.count !== null && place.count !== other.count) {
    return `this part says that there are ${place.count} parts, but an earlier part says ${other.count}`;
  }
  return null;
}

function rangeAllowance(place: RangePlace, others: readonly StoredPart[], maxBytes: number): number {
  if (smallestSize(place) > maxBytes) throw tooLarge(maxBytes);
  const length = rangeLength(place);
  const sizes = [place, ...others.map((part) => part.place)].map((one) =>
    one.kind === 'range' ? smallestSize(one) : 0,
  );
  const size = sizes.reduce((most, one) => Math.max(most, one));
  if (sumOfSizes(others) + length > MAX_COPIES * size) throw overlapping();
  return length;
}

function progressiveAllowance(
  place: ProgressivePlace,
  others: readonly StoredPart[],
  maxBytes: number,
): number {
  const rest = others.filter(
    (part) => part.place.kind !== 'progressive' || part.place.number !== place.number,
  );
  const allowance = maxBytes - sumOfSizes(rest);
  if (allowance <= 0) throw tooLarge(maxBytes);
  return allowance;
}

function sumOfSizes(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0);
}

function refused(message: string): ServiceError {
  return invalidPart('Content-Range', message);
}
