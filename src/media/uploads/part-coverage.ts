import { type ProgressivePlace, partName, type RangePlace, type StoredPart } from './part-place.ts';

/**
 * Step of assembling the source from the parts: skips the first `skipBytes` bytes of the part named `file`,
 * and appends the next `takeBytes` bytes of this part to the source.
 */
export interface CopyStep {
  readonly file: string;
  readonly skipBytes: number;
  readonly takeBytes: number;
}

/**
 * Result of `coverageOf`. `complete`: the copy steps, carried out in this order, copy each byte of the file
 * exactly once. `incomplete`: `reason` is a sentence that says why, for example which bytes are missing.
 */
export type Coverage =
  | { readonly kind: 'complete'; readonly totalBytes: number; readonly steps: readonly CopyStep[] }
  | { readonly kind: 'incomplete'; readonly reason: string };

/**
 * Determines whether the stored parts contain all bytes of their file, and how to assemble the file from the
 * parts. The parts can be in any order.
 */
export function coverageOf(parts: readonly StoredPart[]): Coverage {
  if (parts.length === 0) return incomplete('no part of the file was uploaded');
  const ranges = parts.map((part) => part.place).filter((place) => place.kind === 'range');
  if (ranges.length === parts.length) return coverageOfRanges(ranges);
  if (ranges.length > 0) return incomplete('the upload has both byte ranges and numbered parts');
  return coverageOfNumbered(parts);
}

/**
 * Returns the coverage of a file by byte ranges. Each copy step begins at the first byte that is not copied
 * yet. Of all parts that contain this byte, the step uses the part with the latest end. Ranges overlap if a
 * client resumed the upload with another part size. Either of two copies of a byte can be used, because both
 * parts were verified.
 */
function coverageOfRanges(places: readonly RangePlace[]): Coverage {
  const sorted = places.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const total = sorted[0]?.total ?? 0;
  const other = sorted.find((place) => place.total !== total);
  if (other !== undefined) {
    return incomplete(
      `the parts disagree about the size of the file: ${total} bytes and ${other.total} bytes`,
    );
  }
  const steps: CopyStep[] = [];
  let position = 0;
  let next = 0;
  while (position < total) {
    let farthest: RangePlace | undefined;
    for (let place = sorted[next]; place !== undefined && place.start <= position; place = sorted[++next]) {
      if (place.end >= (farthest?.end ?? position)) farthest = place;
    }
    if (farthest === undefined)
      return incomplete(missingBytes(position, sorted[next]?.start ?? total, total));
    steps.push(rangeStep(farthest, position));
    position = farthest.end + 1;
  }
  return { kind: 'complete', totalBytes: total, steps };
}

function rangeStep(place: RangePlace, position: number): CopyStep {
  return {
    file: partName(place),
    skipBytes: position - place.start,
    takeBytes: place.end - position + 1,
  };
}

function missingBytes(from: number, until: number, total: number): string {
  return `bytes ${from}–${until - 1} of ${total} are missing`;
}

function coverageOfNumbered(parts: readonly StoredPart[]): Coverage {
  const byNumber = copyOfEachNumber(parts);
  const numbers = [...byNumber.keys()].toSorted((a, b) => a - b);
  const missing = numbers.findIndex((number, index) => number !== index + 1);
  if (missing !== -1) return incomplete(`part ${missing + 1} is missing`);
  const ordered = numbers.map((number) => byNumber.get(number)).filter((part) => part !== undefined);
  const last = ordered.findIndex((part) => part.place.isLast);
  if (last === -1) {
    return incomplete(
      `the last part is missing: expected one sent as "part N/N" after part ${ordered.length}`,
    );
  }
  if (last !== ordered.length - 1) {
    return incomplete(`part ${last + 1} was sent as the last part, but part ${last + 2} was uploaded too`);
  }
  return {
    kind: 'complete',
    totalBytes: ordered.reduce((sum, part) => sum + part.size, 0),
    steps: ordered.map(({ place, size }) => ({ file: partName(place), skipBytes: 0, takeBytes: size })),
  };
}

type NumberedPart = StoredPart & { readonly place: ProgressivePlace };

/**
 * Returns one stored part for each part number. If a client sent a part as `part N/*` and later again as
 * `part N/N`, both copies are stored. The copy named `part N/N` is then returned, so that the part counts as
 * the last part.
 */
function copyOfEachNumber(parts: readonly StoredPart[]): Map<number, NumberedPart> {
  const byNumber = new Map<number, NumberedPart>();
  for (const { place, size } of parts) {
    if (place.kind !== 'progressive') continue;
    if (place.isLast || !byNumber.has(place.number)) byNumber.set(place.number, { place, size });
  }
  return byNumber;
}

function incomplete(reason: string): Coverage {
  return { kind: 'incomplete', reason };
}
