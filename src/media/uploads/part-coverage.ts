import {
  type ProgressivePlace,
  partName,
  type RangePlace,
  type StoredPart,
  smallestSize,
} from './part-place.ts';
import type { Span } from './upload-state.ts';

/** Maximum number of missing parts that are counted. */
const MAX_MISSING = 10_000;

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
 * exactly once. `incomplete`: `reason` says why, for example which bytes are missing, and `missing` lists what
 * can be sent to complete the file, as values of the header `Content-Range`.
 */
export type Coverage =
  | { readonly kind: 'complete'; readonly totalBytes: number; readonly steps: readonly CopyStep[] }
  | { readonly kind: 'incomplete'; readonly reason: string; readonly missing: readonly string[] };

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
  const total = sorted.find((place) => place.total !== null)?.total ?? null;
  const size = total ?? sorted.reduce((most, { end }) => Math.max(most, end + 1), 0);
  const other = sorted.find((place) => (place.total ?? size) !== size || place.end >= size);
  if (other !== undefined) {
    return incomplete(
      `the parts disagree about the size of the file: ${size} bytes and ${smallestSize(other)} bytes`,
    );
  }
  const steps: CopyStep[] = [];
  const gaps: Span[] = [];
  let position = 0;
  let next = 0;
  while (position < size) {
    let farthest: RangePlace | undefined;
    for (let place = sorted[next]; place !== undefined && place.start <= position; place = sorted[++next]) {
      if (place.end >= (farthest?.end ?? position)) farthest = place;
    }
    if (farthest === undefined) {
      const until = sorted[next]?.start ?? size;
      gaps.push({ first: position, last: until - 1 });
      position = until;
    } else {
      steps.push(rangeStep(farthest, position));
      position = farthest.end + 1;
    }
  }
  if (gaps.length > 0) return missingBytes(gaps, size, total);
  return { kind: 'complete', totalBytes: size, steps };
}

function rangeStep(place: RangePlace, position: number): CopyStep {
  return {
    file: partName(place),
    skipBytes: position - place.start,
    takeBytes: place.end - position + 1,
  };
}

function missingBytes(gaps: readonly Span[], size: number, total: number | null): Coverage {
  const [{ first, last } = { first: 0, last: 0 }] = gaps;
  return {
    kind: 'incomplete',
    reason: `bytes ${first}–${last} of ${size} are missing${andMore(gaps.length - 1, 'range')}`,
    missing: gaps.map((gap) => `bytes ${gap.first}-${gap.last}/${total ?? '*'}`),
  };
}

function andMore(count: number, what: string): string {
  if (count === 0) return '';
  return count === 1 ? `, and one more ${what}` : `, and ${count} more ${what}s`;
}

function coverageOfNumbered(parts: readonly StoredPart[]): Coverage {
  const byNumber = copyOfEachNumber(parts);
  const ordered = [...byNumber.values()].toSorted((a, b) => a.place.number - b.place.number);
  const last = ordered.at(-1)?.place.number ?? 0;
  const counts = new Set(ordered.flatMap(({ place }) => place.count ?? []));
  const [count = null] = counts;
  if (counts.size > 1 || (count !== null && last > count)) {
    const announced = [...counts].join(' and ');
    return incomplete(`${announced} parts were announced, but part ${last} was uploaded, too`);
  }
  const missing = missingNumbers(byNumber, count ?? last);
  if (missing.length > 0) {
    const reason = `part ${missing[0]} is missing${andMore(missing.length - 1, 'part')}`;
    return { kind: 'incomplete', reason, missing: missing.map((number) => `part ${number}/${count ?? '*'}`) };
  }
  if (count === null) {
    const next = last + 1;
    return {
      kind: 'incomplete',
      reason: `the last part is missing: expected one sent as "part N/N" after part ${last}`,
      missing: [`part ${next}/${next}`],
    };
  }
  return {
    kind: 'complete',
    totalBytes: ordered.reduce((sum, part) => sum + part.size, 0),
    steps: ordered.map(({ place, size }) => ({ file: partName(place), skipBytes: 0, takeBytes: size })),
  };
}

/**
 * Returns the numbers from 1 to `count` without a part, at most `MAX_MISSING` of them: a client can announce any
 * number of parts.
 */
function missingNumbers(byNumber: ReadonlyMap<number, unknown>, count: number): number[] {
  const missing: number[] = [];
  for (let number = 1; number <= count && missing.length < MAX_MISSING; number += 1) {
    if (!byNumber.has(number)) missing.push(number);
  }
  return missing;
}

type NumberedPart = StoredPart & { readonly place: ProgressivePlace };

/**
 * Returns one stored part for each part number. If a client sent a part as `part N/*` and later again as
 * `part N/M`, both copies are stored. The copy that tells the number of parts is then returned.
 */
function copyOfEachNumber(parts: readonly StoredPart[]): Map<number, NumberedPart> {
  const byNumber = new Map<number, NumberedPart>();
  for (const { place, size } of parts) {
    if (place.kind !== 'progressive') continue;
    if (place.count !== null || !byNumber.has(place.number)) byNumber.set(place.number, { place, size });
  }
  return byNumber;
}

function incomplete(reason: string): Coverage {
  return { kind: 'incomplete', reason, missing: [] };
}
