import type { Page } from '../storage/contracts/page.ts';

/** Items read at once. */
const LIMIT = 100;

/** All that a list of the storage has, the oldest first. @param read one page */
export async function everyPage<Item>(
  read: (page: {
    readonly offset: number;
    readonly limit: number;
    readonly orderBy: 'asc';
    readonly sortBy: 'createdAt';
  }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let total = 1; all.length < total; ) {
    const page = await read({ offset: all.length, limit: LIMIT, orderBy: 'asc', sortBy: 'createdAt' });
    // One that was removed meanwhile leaves fewer than were counted.
    total = page.items.length === 0 ? 0 : page.total;
    all.push(...page.items);
  }
  return all;
}
