import type { Page } from '../storage/contracts/page.ts';

/** Maximum number of items in one page. */
const LIMIT = 100;

/** Returns all items of a paged list in the storage, the oldest first. @param read reads one page */
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
    // An empty page ends the list. Without this check, the loop would never end if items were removed after
    // `total` was counted.
    total = page.items.length === 0 ? 0 : page.total;
    all.push(...page.items);
  }
  return all;
}
