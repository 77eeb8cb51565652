import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Media } from '../../../src/domain/media.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import {
  ALL_MEDIA,
  ALL_WEBHOOKS,
  newApiKey,
  newMedia,
  newWebhook,
  publication,
  STRANGER,
  T0,
  USER,
} from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';

const REACHED = { code: 'limit_reached' };

/** Makes calls at the same time. Returns how many succeeded; the others must have reached a limit. */
async function carriedOut(calls: readonly Promise<unknown>[]): Promise<number> {
  const results = await Promise.allSettled(calls);
  const refused = results.filter((result) => result.status === 'rejected');
  for (const { reason } of refused) assert.equal(reason.code, 'limit_reached', String(reason));
  return results.length - refused.length;
}

async function newUpload(storage: Storage, userId = USER): Promise<Media> {
  const media = newMedia({ userId });
  await storage.media.create(media, null, null);
  return media;
}

export function testAccountLimits(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('limits of an account', () => {
    storageTest(
      'webhooks: concurrent calls stop at the limit; deleting one makes room',
      async ({ webhooks }) => {
        const all = Array.from({ length: 12 }, () => newWebhook());
        assert.equal(await carriedOut(all.map((webhook) => webhooks.create(webhook, 5, null))), 5);
        await webhooks.create(newWebhook({ userId: STRANGER }), 5, null);
        const { items, total } = await webhooks.list(USER, { ...ALL_WEBHOOKS, limit: 1 });
        assert.equal(total, 5);
        await webhooks.delete(USER, items[0]?.id ?? '', { at: T0, by: null });
        await webhooks.create(newWebhook(), 5, null);
        await assert.rejects(webhooks.create(newWebhook(), 5, null), {
          ...REACHED,
          message: 'the account has 5 webhooks, and may have 5: remove one that is not needed',
        });
        await webhooks.create(newWebhook(), null, null);
      },
    );

    storageTest('unfinished media: none can be created while there are as many', async (storage) => {
      const most = { open: null, unfinished: 2 };
      const [first, second] = [
        newMedia({ receivedAt: T0 }),
        newMedia({ receivedAt: T0, status: 'transcoding' }),
      ];
      for (const media of [first, second, newMedia({ receivedAt: T0, status: 'done' })])
        await storage.media.create(media, null, null);
      await assert.rejects(storage.media.create(newMedia(), most, null), {
        ...REACHED,
        message:
          'the account has 2 unfinished media, and may have 2: wait until the encoding of one has ended, or delete one',
      });
      await storage.media.create(newMedia({ userId: STRANGER }), most, null);
      await storage.media.delete(USER, first.id, { at: T0, by: null });
      await storage.media.create(newMedia(), most, null);
    });

    storageTest('API keys: concurrent calls stop at the limit', async ({ apiKeys }) => {
      const all = Array.from({ length: 8 }, () => newApiKey());
      assert.equal(await carriedOut(all.map((key) => apiKeys.create(key, 3, null))), 3);
      await apiKeys.create(newApiKey({ userId: STRANGER }), 3, null);
    });

    storageTest('open uploads: a received or deleted media does not count', async (storage) => {
      const all = Array.from({ length: 8 }, () => newMedia());
      assert.equal(
        await carriedOut(
          all.map((media) => storage.media.create(media, { open: 3, unfinished: null }, null)),
        ),
        3,
      );
      const [first, second] = (await storage.media.list(USER, ALL_MEDIA)).items;
      assert.ok(first && second);
      await storage.events.commit(
        [
          publication(
            'file.received',
            { mediaId: first.id },
            { kind: 'received', mediaId: first.id, size: 1, by: null },
          ),
        ],
        T0,
      );
      await storage.media.delete(USER, second.id, { at: T0, by: null });
      assert.equal(
        await carriedOut(
          [1, 2, 3].map(() => storage.media.create(newMedia(), { open: 3, unfinished: null }, null)),
        ),
        2,
      );
    });

    storageTest('bytes: concurrent reservations of many uploads stay within the limit', async (storage) => {
      const uploads = await Promise.all(Array.from({ length: 10 }, () => newUpload(storage)));
      assert.equal(
        await carriedOut(uploads.map((upload) => storage.media.reserveBytes(upload, { atLeast: 30 }, 100))),
        3,
      );
      const stranger = await newUpload(storage, STRANGER);
      await storage.media.reserveBytes(stranger, { atLeast: 100 }, 100);
    });

    storageTest('bytes: atLeast counts once, more adds up, a refusal reserves nothing', async (storage) => {
      const upload = await newUpload(storage);
      const kept = async () => (await storage.media.find(USER, upload.id))?.keptBytes;
      await storage.media.reserveBytes(upload, { atLeast: 40 }, 100);
      await storage.media.reserveBytes(upload, { atLeast: 30 }, 100);
      assert.equal(await kept(), 40);
      await storage.media.reserveBytes(upload, { more: 50 }, 100);
      await storage.media.reserveBytes(upload, { room: 1 }, 100);
      assert.equal(await kept(), 90);
      await assert.rejects(storage.media.reserveBytes(upload, { more: 11 }, 100), REACHED);
      assert.equal(await kept(), 90);
      await storage.media.reserveBytes(upload, { more: 10 }, 100);
      await assert.rejects(storage.media.reserveBytes(upload, { room: 1 }, 100), REACHED);
    });

    storageTest(
      'bytes: a received media counts with its size, a deleted one does not count',
      async (storage) => {
        const [upload, other] = [await newUpload(storage), await newUpload(storage)];
        await storage.media.reserveBytes(upload, { more: 90 }, 100);
        await assert.rejects(storage.media.reserveBytes(other, { atLeast: 40 }, 100), REACHED);
        const step = { kind: 'received', mediaId: upload.id, size: 60, by: null } as const;
        await storage.events.commit([publication('file.received', { mediaId: upload.id }, step)], T0);
        await storage.media.reserveBytes(other, { atLeast: 40 }, 100);
        await assert.rejects(storage.media.reserveBytes(other, { atLeast: 41 }, 100), REACHED);
        await storage.media.delete(USER, upload.id, { at: T0, by: null });
        await storage.media.reserveBytes(other, { atLeast: 100 }, 100);
      },
    );
  });
}
