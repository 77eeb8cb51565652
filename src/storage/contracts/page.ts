export interface Page<T> {
  readonly items: readonly T[];
  /** How many there are without `offset` and `limit`. */
  readonly total: number;
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly orderBy: 'asc' | 'desc';
}
