/** Bytes of a file: the first one, and the one behind the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Bytes of a part. Smaller ones show progress and lose less when a connection breaks; larger ones cost fewer requests. */
const PART_BYTES = 5 * 1024 * 1024;
/** Number of parts at most. The service accepts twice as many, so that resuming never reaches its limit. */
const MAX_PARTS = 10_000;

/** Returns the bytes of a file that the service does not have, in parts that can be sent one by one. @param received ranges with their last bytes, in order */
export function missingParts(
  size: number,
  received: readonly { readonly start: number; readonly end: number }[],
): Span[] {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS));
  const parts: Span[] = [];
  let from = 0;
  for (const { start, end } of [...received, { start: size, end: size }]) {
    for (; from < start; from += partBytes)
      parts.push({ start: from, end: Math.min(from + partBytes, start) });
    from = Math.max(end + 1, 0);
  }
  return parts;
}
