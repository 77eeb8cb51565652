/** Values in one `in (…)`: below both dialects' limits on bound values, and few enough texts of a statement. */
const CHUNK = 1_000;

/** `values` in pieces that one statement takes. */
export function* chunksOf<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < values.length; from += CHUNK) yield values.slice(from, from + CHUNK);
}
