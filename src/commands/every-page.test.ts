import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyPage } from './every-page.ts';

test('a whole list is read page by page, even if items are removed meanwhile', async () => {
  const items = Array.from({ length: 250 }, (_, n) => n);
  const offsets: number[] = [];
  const read = async ({ offset, limit }: { offset: number; limit: number }) => {
    offsets.push(offset);
    return { items: items.slice(offset, offset + limit), total: items.length };
  };
  assert.deepEqual(await everyPage(read), items);
  assert.deepEqual(offsets, [0, 100, 200]);
  const counted = async ({ offset, limit }: { offset: number; limit: number }) => ({
    items: items.slice(offset, Math.min(offset + limit, 220)),
    total: items.length,
  });
  assert.equal((await everyPage(counted)).length, 220);
});
