/** A part of a list that the caller addresses by offset. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Number of items in the whole list, whatever `offset` and `limit` are. */
  readonly total: number;
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly orderBy: 'asc' | 'desc';
}

/**
 * The place where a step or a page ended, so that the next one continues there. The backend makes it, and only the same
 * backend can read it: a caller keeps it and hands it back unchanged.
 */
export type Cursor = string;
