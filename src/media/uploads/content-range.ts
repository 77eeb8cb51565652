import type { ServiceError } from '../../domain/errors.ts';
import {
  isPartNumber,
  isRange,
  type PartPlace,
  type ProgressivePlace,
  type RangePlace,
} from './part-place.ts';
import { invalidPart } from './upload-failure.ts';

const RANGE = /^bytes\s+(\d+)\s*-\s*(\d+)\s*\/\s*(\d+|\*)$/i;
const PROGRESSIVE = /^part\s+(\d+)\s*\/\s*(\d+|\*)$/i;

/**
 * Parses the `Content-Range` header of an uploaded part. `bytes a-b/total` (RFC 9110 §14.4) is a byte range
 * of the file; `*` instead of the total means that the client does not know it yet. `part N/M` is one of M
 * numbered parts. A client that does not know their number sends `part N/*`, and `part N/N` for the last part.
 * Without the header, the part is the whole file.
 * @throws ServiceError `invalid_upload` that names the header and says what was expected
 */
export function parseContentRange(header: string | undefined): PartPlace {
  if (header === undefined) return { kind: 'whole' };
  const value = header.trim();
  const range = RANGE.exec(value);
  if (range !== null) return rangePlace(value, Number(range[1]), Number(range[2]), countOf(range[3]));
  const progressive = PROGRESSIVE.exec(value);
  if (progressive !== null) return progressivePlace(value, Number(progressive[1]), countOf(progressive[2]));
  throw malformed(
    value,
    'expected "bytes first-last/size" or "part N/M", with "*" for a size or number of parts that is not known',
  );
}

/** Returns `null` for a number that the client does not know. */
function countOf(text: string | undefined): number | null {
  return text === undefined || text === '*' ? null : Number(text);
}

function rangePlace(value: string, start: number, end: number, total: number | null): RangePlace {
  if (!Number.isSafeInteger(total ?? end + 1))
    throw malformed(value, `expected a size of at most ${Number.MAX_SAFE_INTEGER}`);
  if (!isRange(start, end, total)) throw malformed(value, 'expected first ≤ last < size');
  return { kind: 'range', start, end, total };
}

function progressivePlace(value: string, number: number, count: number | null): ProgressivePlace {
  if (!isPartNumber(number, null)) throw malformed(value, 'expected parts counted from 1');
  if (!isPartNumber(number, count))
    throw malformed(value, 'expected a number of parts of at least that of this part');
  return { kind: 'progressive', number, count };
}

function malformed(value: string, expected: string): ServiceError {
  // The message quotes only the beginning of the header, which is enough for the client to recognise the
  // header.
  return invalidPart('Content-Range', `${expected}, not "${value.slice(0, 80)}"`);
}
