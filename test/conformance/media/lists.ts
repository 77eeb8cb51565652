import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Media } from '../../../src/domain/media.ts';
import type { MediaListRequest } from '../../../src/storage/contracts/media.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { ALL_MEDIA, newMedia, STRANGER, T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';

async function createTitled(storage: Storage, titled: Record<string, Partial<Media>>): Promise<void> {
  for (const [n, [title, fields]] of Object.entries(titled).entries()) {
    await storage.media.create(newMedia({ title, createdAt: T0 + n, ...fields }), null, null);
  }
}

async function titles(storage: Storage, request: Partial<MediaListRequest>): Promise<string[]> {
  const { items, total } = await storage.media.list(USER, { ...ALL_MEDIA, ...request });
  assert.equal(total, items.length);
  return items.map((media) => media.title);
}

export function testMediaLists(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('lists of media', () => {
    storageTest('hold complete media of the account, by time or title, page by page', async (storage) => {
      await createTitled(storage, { b: {}, c: {}, a: {}, other: { userId: STRANGER } });
      assert.deepEqual(await titles(storage, {}), ['b', 'c', 'a']);
      assert.deepEqual(await titles(storage, { orderBy: 'desc' }), ['a', 'c', 'b']);
      assert.deepEqual(await titles(storage, { sortBy: 'title' }), ['a', 'b', 'c']);
      assert.deepEqual(await titles(storage, { sortBy: 'title', orderBy: 'desc' }), ['c', 'b', 'a']);
      const page = await storage.media.list(USER, { ...ALL_MEDIA, offset: 1, limit: 1 });
      assert.equal(page.total, 3);
      assert.deepEqual(page.items, [await storage.media.findAny(page.items[0]?.id ?? '')]);
      assert.equal(page.items[0]?.qualities.length, 2);
      assert.deepEqual((await storage.media.list(USER, { ...ALL_MEDIA, offset: 9 })).total, 3);
    });

    storageTest('media created at the same time have one order on all pages', async (storage) => {
      for (let n = 0; n < 9; n += 1) await storage.media.create(newMedia(), null, null);
      const seen = new Set<string>();
      for (let offset = 0; offset < 9; offset += 2) {
        const { items } = await storage.media.list(USER, { ...ALL_MEDIA, offset, limit: 2 });
        for (const media of items) seen.add(media.id);
      }
      assert.equal(seen.size, 9);
    });

    storageTest('never contain deleted media', async (storage) => {
      await createTitled(storage, { kept: {}, gone: {} });
      const { items } = await storage.media.list(USER, { ...ALL_MEDIA, search: 'gone' });
      await storage.media.delete(USER, items[0]?.id ?? '', { at: T0 + 1, by: null });
      assert.deepEqual(await titles(storage, {}), ['kept']);
      assert.deepEqual(await titles(storage, { statuses: ['deleted'] }), []);
    });

    storageTest('are searched by a part of the title, without wildcards', async (storage) => {
      await createTitled(storage, { '100%': {}, '1000': {}, a_b: {}, aXb: {}, Ä: {} });
      assert.deepEqual(await titles(storage, { search: '0%' }), ['100%']);
      assert.deepEqual(await titles(storage, { search: 'A_B' }), ['a_b']);
      assert.deepEqual(await titles(storage, { search: 'Ä' }), ['Ä']);
      assert.deepEqual(await titles(storage, { search: '' }), ['1000', '100%', 'a_b', 'aXb', 'Ä']);
    });

    storageTest('are filtered by status and type', async (storage) => {
      await createTitled(storage, {
        fresh: {},
        busy: { status: 'transcoding' },
        song: { status: 'done', type: 'audio' },
        film: { status: 'done' },
      });
      assert.deepEqual(await titles(storage, { statuses: ['done'] }), ['song', 'film']);
      assert.deepEqual(await titles(storage, { statuses: ['new', 'transcoding'] }), ['fresh', 'busy']);
      assert.deepEqual(await titles(storage, { type: 'audio' }), ['song']);
      assert.deepEqual(await titles(storage, { type: 'audio', statuses: ['new'] }), []);
    });

    storageTest('are filtered by tags and metadata, all of which a media must have', async (storage) => {
      await createTitled(storage, {
        both: {
          tags: ['news', 'live'],
          metadata: [
            { key: 'lang', value: 'de' },
            { key: 'year', value: '2026' },
          ],
        },
        one: { tags: ['news'], metadata: [{ key: 'lang', value: 'en' }] },
        crossed: { tags: ['new', "o'b"], metadata: [{ key: 'de', value: 'lang' }] },
        number: { tags: ['7'] },
      });
      assert.deepEqual(await titles(storage, { tags: ['news'] }), ['both', 'one']);
      assert.deepEqual(await titles(storage, { tags: ['live', 'news'] }), ['both']);
      assert.deepEqual(await titles(storage, { tags: ["o'b"] }), ['crossed']);
      assert.deepEqual(await titles(storage, { tags: ['7'] }), ['number']);
      assert.deepEqual(await titles(storage, { tags: ['%'] }), []);
      assert.deepEqual(await titles(storage, { metadata: [{ key: 'lang', value: 'de' }] }), ['both']);
      assert.deepEqual(await titles(storage, { metadata: [{ key: 'lang', value: '2026' }] }), []);
      const metadata = [
        { key: 'year', value: '2026' },
        { key: 'lang', value: 'de' },
      ];
      assert.deepEqual(await titles(storage, { metadata, tags: ['live'] }), ['both']);
    });

    storageTest('are filtered by tags and metadata over many media, page by page', async (storage) => {
      const metadata = [{ key: 'lang', value: 'de' }];
      const created = Array.from({ length: 130 }, (_, n) =>
        newMedia({ title: `${n}`, createdAt: T0 + n, ...(n % 3 === 0 ? { tags: ['third'], metadata } : {}) }),
      );
      await Promise.all(created.map((media) => storage.media.create(media, null, null)));
      const found = created.filter(({ tags }) => tags.includes('third')).map(({ id }) => id);
      const filter = { ...ALL_MEDIA, tags: ['third'], metadata };
      const paged: string[] = [];
      for (let offset = 0; offset < found.length; offset += 20) {
        const { items, total } = await storage.media.list(USER, { ...filter, offset, limit: 20 });
        assert.equal(total, found.length);
        for (const { id } of items) paged.push(id);
      }
      assert.deepEqual(paged, found);
      const newestFirst = await storage.media.list(USER, { ...filter, orderBy: 'desc', limit: 5 });
      assert.deepEqual(
        newestFirst.items.map(({ id }) => id),
        found.slice(-5).toReversed(),
      );
    });

    storageTest('hold as many large media as one answer may; the rest follows by ids', async (storage) => {
      const tags = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(255, '\u0001'));
      const large = Array.from({ length: 4 }, (_, n) => newMedia({ tags, createdAt: T0 + n }));
      const foreign = newMedia({ userId: STRANGER });
      for (const media of [...large, foreign]) await storage.media.create(media, null, null);
      const { items, rest, total } = await storage.media.list(USER, ALL_MEDIA);
      assert.deepEqual([items, total], [large.slice(0, 1), 4]);
      const ids = large.slice(1).map(({ id }) => id);
      assert.deepEqual(rest, ids);
      await storage.media.delete(USER, ids[1] ?? '', { at: T0 + 9, by: null });
      const wanted = [foreign.id, ...ids];
      const seen: Media[] = [];
      for (let left: readonly string[] = wanted; left.length > 0; ) {
        const part = await storage.media.findSome(USER, left);
        assert.ok(part.items.length <= 1 && part.rest.length < left.length);
        seen.push(...part.items);
        left = part.rest;
      }
      assert.deepEqual(seen, [large[1], large[3]]);
    });
  });
}
