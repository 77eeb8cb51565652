import type { ServiceError } from '../../domain/errors.ts';
import {
  isPartNumber,
  isRange,
  type PartPlace,
  type ProgressivePlace,
  type RangePlace,
} from './part-place.ts';
import { invalidPart } from './upload-failure.ts';

const RANGE = /^bytes\s+(\d+)\s*-\s*(\d+)\s*\/\s*(\d+)$/i;
const PROGRESSIVE = /^part\s+(\d+)\s*\/\s*(\d+|\*)$/i;

/**
 * Parses the `Content-Range` header of an uploaded part. `bytes a-b/total` (RFC 9110 §14.4) is a byte range
 * of the file. A client that does not know the size of its file sends `part N/*`, and `part N/N` for the last
 * part. Without the header, the part is the whole file.
 * @throws ServiceError `invalid_upload` that names the header and says what was expected
 */
export function parseContentRange(header: string | undefined): PartPlace {
  if (header === undefined) return { kind: 'whole' };
  const value = header.trim();
  const range = RANGE.exec(value);
  if (range !== null) return rangePlace(value, Number(range[1]), Number(range[2]), Number(range[3]));
  const progressive = PROGRESSIVE.exec(value);
  if (progressive !== null) return progressivePlace(value, Number(progressive[1]), progressive[2] ?? '*');
  throw malformed(value, 'expected "bytes first-last/size", "part N/*" or, for the last part, "part N/N"');
}

function rangePlace(value: string, start: number, end: number, total: number): RangePlace {
  if (!Number.isSafeInteger(total))
    throw malformed(value, `expected a size of at most ${Number.MAX_SAFE_INTEGER}`);
  if (!isRange(start, end, total)) throw malformed(value, 'expected first ≤ last < size');
  return { kind: 'range', start, end, total };
}

function progressivePlace(value: string, number: number, count: string): ProgressivePlace {
  if (!isPartNumber(number)) throw malformed(value, 'expected parts counted from 1');
  if (count !== '*' && Number(count) !== number) {
    throw malformed(value, 'expected "part N/*" or, for the last part, "part N/N"');
  }
  return { kind: 'progressive', number, isLast: count !== '*' };
}

function malformed(value: string, expected: string): ServiceError {
  // The message quotes only the beginning of the header, which is enough for the client to recognise the
  // header.
  return invalidPart('Content-Range', `${expected}, not "${value.slice(0, 80)}"`);
}
