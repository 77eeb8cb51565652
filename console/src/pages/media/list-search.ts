import type { MediaStatus } from '../../queries/media.ts';

/** Statuses by which the list can be filtered. */
export const FILTERS = ['transcoding', 'done', 'fail', 'new'] as const satisfies readonly MediaStatus[];

/** Part of the list's address that says what the list shows. */
export interface ListSearch {
  readonly search?: string;
  readonly status?: (typeof FILTERS)[number];
  readonly page?: number;
}
