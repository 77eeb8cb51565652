/** Part of a media, in seconds from its beginning. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** Seconds between two parts that are told as one. */
const NEAR = 0.5;
/** Maximum number of parts that are named. */
const MAX_NAMED = 3;

/** Joins parts that follow each other closely. The result is in the order of their times. */
export function joinedParts(parts: readonly Part[]): Part[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of parts.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && start - last.end < NEAR) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

/** Returns words for parts: `from 1.5 s to 2.4 s, at 3 s, and in 2 more places`. */
export function partsText(parts: readonly Part[]): string {
  const named = joinedParts(parts).map(({ start, end }) => {
    const [from, to] = [Math.max(0, start), Math.max(0, end)].map(secondsText);
    return from === to ? `at ${from}` : `from ${from} to ${to}`;
  });
  const more = named.length - MAX_NAMED;
  const places = more > 1 ? `${more} more places` : 'one more place';
  return [...named.slice(0, MAX_NAMED), ...(more > 0 ? [`and in ${places}`] : [])].join(', ');
}

/** Formats seconds with one decimal for the account. */
export function secondsText(value: number): string {
  return `${Number(value.toFixed(1))} s`;
}
