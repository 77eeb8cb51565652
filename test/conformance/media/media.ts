import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Media, QualityStatus } from '../../../src/domain/media.ts';
import type { MediaStepList, UnfinishedPage } from '../../../src/storage/contracts/media.ts';
import type { Cursor } from '../../../src/storage/contracts/page.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import {
  newMedia,
  newQuality,
  publication,
  STRANGER,
  T0,
  USER,
} from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';

async function create(storage: Storage, fields: Partial<Media> = {}): Promise<Media> {
  const media = newMedia(fields);
  await storage.media.create(media, null, null);
  return media;
}

export function testMedia(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('media', () => {
    storageTest('are found as they were created', async (storage) => {
      const media = await create(storage, {
        title: 'Grüße 🎬',
        description: 'Zeile 1\nZeile 2',
        tags: ['a', 'b c', 'ü'],
        metadata: [{ key: 'k', value: '"quoted"' }],
        isPublic: false,
        isMp4: true,
        segmentDuration: 2.5,
        hasDefaultQualities: true,
        size: 53_687_091_200,
      });
      assert.deepEqual(await storage.media.find(USER, media.id), media);
      assert.deepEqual(await storage.media.findAny(media.id), media);
      assert.equal(await storage.media.findAny(newMedia().id), null);
      const bare = await create(storage, { qualities: [] });
      assert.deepEqual(await storage.media.findAny(bare.id), bare);
    });

    storageTest('a media is not created when its qualities cannot be created', async (storage) => {
      const media = newMedia({ qualities: [newQuality(0), newQuality(0)] });
      await assert.rejects(storage.media.create(media, null, null));
      assert.equal(await storage.media.findAny(media.id), null);
    });

    storageTest('are seen and changed by their own account only', async (storage) => {
      const media = await create(storage);
      const { media: store } = storage;
      assert.equal(await store.find(STRANGER, media.id), null);
      assert.equal(
        await store.update(STRANGER, media.id, { title: 'stolen' }, { at: T0 + 1, by: null }),
        false,
      );
      assert.equal(await store.setThumbnail(STRANGER, media.id, true, { at: T0 + 1, by: null }), false);
      assert.equal(await store.delete(STRANGER, media.id, { at: T0 + 1, by: null }), false);
      assert.deepEqual(await store.find(USER, media.id), media);
    });

    storageTest('an update changes only the given fields', async (storage) => {
      const media = await create(storage, { tags: ['old'] });
      const { media: store } = storage;
      assert.equal(
        await store.update(USER, media.id, { title: 'new', isPublic: false }, { at: T0 + 1, by: null }),
        true,
      );
      const renamed = { ...media, title: 'new', isPublic: false, updatedAt: T0 + 1 };
      assert.deepEqual(await store.find(USER, media.id), renamed);
      const changes = { description: 'd', tags: [], metadata: [{ key: 'a', value: 'b' }] };
      assert.equal(await store.update(USER, media.id, changes, { at: T0 + 2, by: null }), true);
      assert.equal(await store.setThumbnail(USER, media.id, true, { at: T0 + 3, by: null }), true);
      const notes = ['The file declares a picture — but has none.', 'Another sentence.'];
      const facts = { duration: 1.25, type: 'audio', hasTakenThumbnail: true, notes } as const;
      await store.saveProbe(media.id, facts, T0 + 4);
      const described = { hasThumbnail: true, ...facts, updatedAt: T0 + 4 };
      assert.deepEqual(await store.find(USER, media.id), { ...renamed, ...changes, ...described });
    });

    storageTest('a media deleted from any state is not found, changed or deleted again', async (storage) => {
      const { media: store } = storage;
      for (const status of ['new', 'transcoding', 'done', 'fail'] as const) {
        const media = await create(storage, { status, receivedAt: T0 });
        assert.equal(await store.delete(USER, media.id, { at: T0 + 1, by: null }), true);
        assert.equal(await store.find(USER, media.id), null);
        assert.equal(await store.findAny(media.id), null);
        assert.equal(await store.update(USER, media.id, { title: 'back' }, { at: T0 + 2, by: null }), false);
        assert.equal(await store.setThumbnail(USER, media.id, true, { at: T0 + 2, by: null }), false);
        assert.equal(await store.delete(USER, media.id, { at: T0 + 2, by: null }), false);
      }
      assert.deepEqual(await store.unfinished(null, 10), { media: [], after: null });
    });

    storageTest(
      'received media whose encoding has not ended are unfinished, oldest first',
      async (storage) => {
        const second = await create(storage, { receivedAt: T0 + 2, status: 'transcoding' });
        const first = await create(storage, { receivedAt: T0 + 1 });
        await create(storage);
        await create(storage, { receivedAt: T0, status: 'done' });
        await create(storage, { receivedAt: T0, status: 'fail' });
        const { media, after } = await storage.media.unfinished(null, 10);
        const idsOf = ({ id, userId }: Media) => ({ id, userId });
        assert.deepEqual([media, after], [[first, second].map(idsOf), null]);
        const others = await create(storage, { userId: 'another', receivedAt: T0 });
        const of = async (userId: string, limit: number) =>
          (await storage.media.unfinished(null, limit, userId)).media;
        assert.deepEqual(await of(USER, 10), [first, second].map(idsOf));
        assert.deepEqual(await of(USER, 1), [idsOf(first)]);
        assert.deepEqual(await of('another', 10), [idsOf(others)]);
      },
    );

    storageTest('unfinished media are read page by page, each once', async (storage) => {
      const times = [3, 1, 2, 1, 2, 1, 2];
      const created: Media[] = [];
      for (const time of times) created.push(await create(storage, { receivedAt: T0 + time }));
      const read: string[] = [];
      let after: Cursor | null = null;
      do {
        const page: UnfinishedPage = await storage.media.unfinished(after, 2);
        assert.ok(page.media.length <= 2);
        read.push(...page.media.map(({ id }) => id));
        ({ after } = page);
      } while (after !== null);
      const ordered = created.toSorted(
        (a, b) => Number(a.receivedAt) - Number(b.receivedAt) || (a.id < b.id ? -1 : 1),
      );
      assert.deepEqual(
        read,
        ordered.map(({ id }) => id),
      );
    });

    storageTest(
      'all media are listed in steps, whatever their account, without deleted ones',
      async (storage) => {
        const made: Media[] = [];
        for (let count = 0; count < 7; count += 1)
          made.push(await create(storage, count === 3 ? { userId: STRANGER } : {}));
        const [deleted] = made.splice(2, 1);
        await storage.media.delete(USER, deleted?.id ?? '', { at: T0, by: null });
        const found: Media[] = [];
        let after: Cursor | null = null;
        do {
          const step: MediaStepList = await storage.media.all({ after, limit: 2 });
          assert.ok(step.items.length <= 2);
          found.push(...step.items);
          after = step.after;
        } while (after !== null);
        const byId = (one: Media, other: Media) => (one.id < other.id ? -1 : 1);
        assert.deepEqual(found.toSorted(byId), made.toSorted(byId));
      },
    );

    storageTest('the statuses of many ids leave out ids of no media', async (storage) => {
      const [kept, deleted] = [await create(storage, { status: 'done' }), await create(storage)];
      await storage.media.delete(USER, deleted.id, { at: T0 + 1, by: null });
      const unknown = Array.from({ length: 40_000 }, (_, n) => `unknown-${n}`);
      const statuses = await storage.media.statuses([kept.id, 'lost+found', ...unknown, deleted.id]);
      assert.deepEqual(
        new Map(statuses.map(({ id, status }) => [id, status])),
        new Map([
          [kept.id, 'done'],
          [deleted.id, 'deleted'],
        ]),
      );
      assert.equal(statuses.length, 2);
      assert.deepEqual(await storage.media.statuses([]), []);
    });

    storageTest(
      'a quality moves to transcoding and to fail, and an ended quality does not move',
      async (storage) => {
        const media = await create(storage, { receivedAt: T0, status: 'transcoding' });
        const statuses = async () =>
          (await storage.media.findAny(media.id))?.qualities.map(({ status }) => status);
        const move = (position: number, status: QualityStatus & ('transcoding' | 'fail')) =>
          storage.media.moveQuality(media.id, position, status, T0 + 1);
        await move(0, 'transcoding');
        assert.deepEqual(await statuses(), ['transcoding', 'waiting']);
        await move(0, 'transcoding');
        await move(1, 'fail');
        assert.deepEqual(await statuses(), ['transcoding', 'fail']);
        const step = { kind: 'quality-done', mediaId: media.id, position: 0 } as const;
        await storage.events.commit([publication('partial.finished', { mediaId: media.id }, step)], T0 + 2);
        await move(0, 'fail');
        await move(1, 'transcoding');
        assert.deepEqual(await statuses(), ['done', 'fail']);
        await move(7, 'fail');
      },
    );
  });
}
