import type { StoredPart } from './part-place.ts';

/** Two numbers, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Says which bytes or parts of a file were received, so that a client can send the others. */
export interface UploadState {
  readonly isComplete: boolean;
  /** Number of bytes of the file that were received; bytes that were sent twice count once. */
  readonly receivedBytes: number;
  /** Size of the file in bytes; `null`: the client has not told it yet. */
  readonly size: number | null;
  /** Received bytes, counted from 0, in the order of the file. Neither overlapping nor adjacent. */
  readonly ranges: readonly Span[];
  /** Numbers of the received parts of an upload in numbered parts, counted from 1. */
  readonly parts: readonly Span[];
  /** Whether there are more ranges or parts than these. */
  readonly hasMore: boolean;
}

/**
 * Maximum number of ranges or parts that are listed. An upload can have thousands of gaps, but a client that
 * fills the listed ones and asks again fills all of them.
 */
export const MAX_SPANS = 100;

/** Returns the state of an upload with these parts, which is not complete yet. */
export function stateOfParts(stored: readonly StoredPart[]): UploadState {
  const places = stored.map(({ place }) => place);
  const ranges = joined(
    places.filter((place) => place.kind === 'range').map(({ start, end }) => ({ first: start, last: end })),
  );
  const numbers = new Map<number, number>();
  for (const { place, size } of stored) if (place.kind === 'progressive') numbers.set(place.number, size);
  const parts = joined([...numbers.keys()].map((number) => ({ first: number, last: number })));
  const inRanges = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return {
    isComplete: false,
    receivedBytes: [...numbers.values()].reduce((sum, size) => sum + size, inRanges),
    size: places.flatMap((place) => (place.kind === 'range' ? (place.total ?? []) : []))[0] ?? null,
    ranges: ranges.slice(0, MAX_SPANS),
    parts: parts.slice(0, MAX_SPANS),
    hasMore: Math.max(ranges.length, parts.length) > MAX_SPANS,
  };
}

/** Returns the state of an upload that was completed, with a file of `size` bytes. */
export function stateOfWhole(size: number): UploadState {
  const ranges = size > 0 ? [{ first: 0, last: size - 1 }] : [];
  return { isComplete: true, receivedBytes: size, size, ranges, parts: [], hasMore: false };
}

function joined(spans: readonly Span[]): Span[] {
  const result: { first: number; last: number }[] = [];
  for (const { first, last } of spans.toSorted((a, b) => a.first - b.first)) {
    const previous = result.at(-1);
    if (previous && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
    else result.push({ first, last });
  }
  return result;
}
