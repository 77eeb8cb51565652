/** One page of a list. The caller selects the page by offset. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Number of items in the whole list, not only in this page. */
  readonly total: number;
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly orderBy: 'asc' | 'desc';
}

/**
 * The position at which a page or a step ended. The next page or step continues there. Only the backend that
 * made a cursor can read it. A caller stores the cursor and passes it back unchanged.
 */
export type Cursor = string;
