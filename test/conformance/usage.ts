import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import type { UnmeasuredMedia } from '../../src/storage/contracts/usage.ts';
import { newMedia, STRANGER, T0, USER } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';

const change = { at: T0, by: null };

async function create({ media }: Storage, fields: Parameters<typeof newMedia>[0] = {}): Promise<string> {
  const created = newMedia({ status: 'transcoding', receivedAt: T0, ...fields });
  await media.create(created, null, null);
  return created.id;
}

async function unmeasured({ usage }: Storage): Promise<UnmeasuredMedia[]> {
  const found: UnmeasuredMedia[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof usage.unmeasured>> = await usage.unmeasured(after, 1);
    found.push(...page.media);
    ({ after } = page);
  } while (after !== null);
  return found;
}

export function testUsage(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('usage: the bytes of the files that are made for an account', () => {
    storageTest('are reserved, replaced by what was measured, and end with the media', async (storage) => {
      const { usage } = storage;
      const id = await create(storage);
      assert.equal(await usage.encoded(USER), 0);
      await usage.reserveEncoded(id, 500, 1_000);
      assert.equal(await usage.encoded(USER), 500);
      await usage.reserveEncoded(id, 300, 1_000);
      assert.equal(await usage.encoded(USER), 500, 'a reservation never becomes smaller');
      await usage.saveEncoded(id, 120);
      assert.equal(await usage.encoded(USER), 120);
      assert.equal(await usage.encoded(STRANGER), 0);
      const other = { id: await create(storage), userId: USER };
      await usage.reserveThumbnail(other, 40, 1_000);
      await usage.saveThumbnail(other, 30);
      assert.equal(await usage.encoded(USER), 150);
      await storage.media.delete(USER, id, change);
      assert.equal(await usage.encoded(USER), 30);
      await usage.reserveEncoded(id, 700, 1_000);
      await usage.saveEncoded(id, 700);
      assert.equal(await usage.encoded(USER), 30, 'a deleted media counts nothing');
      await storage.media.delete(USER, other.id, change);
      await storage.retention.removeMedia([id, other.id]);
      assert.equal(await usage.encoded(USER), 0);
    });

    storageTest('never exceed the limit, however many are reserved at the same time', async (storage) => {
      const { usage } = storage;
      const media = await Promise.all(Array.from({ length: 6 }, () => create(storage)));
      const results = await Promise.allSettled(media.map((id) => usage.reserveEncoded(id, 300, 1_000)));
      const refused = results.filter((result) => result.status === 'rejected');
      assert.equal(refused.length, 3);
      assert.equal(refused[0]?.reason.code, 'limit_reached');
      assert.equal(
        refused[0]?.reason.message,
        'the encoded files of the account take 900 bytes, and may take 1000: up to 300 more do not fit; delete media that are not needed',
      );
      assert.equal(await usage.encoded(USER), 900);
      await usage.reserveEncoded(await create(storage, { userId: STRANGER }), 1_000, 1_000);
      const own = { id: media[0] ?? '', userId: USER };
      await assert.rejects(usage.reserveThumbnail(own, 101, 1_000), { code: 'limit_reached' });
      await usage.reserveThumbnail(own, 100, 1_000);
      // A reservation stays under a lower limit, so that an encode that was interrupted can go on.
      await usage.reserveEncoded(own.id, 300, 10);
      await usage.reserveEncoded(media[1] ?? '', 5_000, null);
      assert.ok((await usage.encoded(USER)) > 5_000);
    });

    storageTest('are listed as unmeasured until they are saved', async (storage) => {
      const { usage } = storage;
      const [done, encoding] = [await create(storage, { status: 'done' }), await create(storage)];
      assert.deepEqual(await unmeasured(storage), []);
      await usage.reserveEncoded(done, 500, null);
      await usage.reserveEncoded(encoding, 600, null);
      await usage.reserveThumbnail({ id: done, userId: USER }, 70, null);
      const listed = await unmeasured(storage);
      assert.equal(listed.length, 2);
      const [first, second] = [done, encoding].map((id) => listed.find((media) => media.id === id));
      assert.deepEqual(first, {
        id: done,
        stored: { encoded: 500, thumbnail: 70 },
        needsEncoded: true,
        needsThumbnail: true,
      });
      assert.deepEqual([second?.id, second?.needsEncoded], [encoding, false], 'its job measures it');
      await usage.saveThumbnail({ id: done, userId: USER }, 60);
      await usage.saveMeasured(first as UnmeasuredMedia, { encoded: 1, thumbnail: 1 });
      assert.equal(await usage.encoded(USER), 1_160, 'the numbers have changed since the list was made');
      const again = (await unmeasured(storage)).find(({ id }) => id === done);
      assert.equal(again?.needsThumbnail, false);
      await usage.saveMeasured(again as UnmeasuredMedia, { encoded: 400, thumbnail: 0 });
      assert.equal(await usage.encoded(USER), 1_060);
      await usage.saveEncoded(encoding, 50);
      assert.equal(await usage.encoded(USER), 510);
      await storage.media.delete(USER, done, change);
      assert.deepEqual(await unmeasured(storage), []);
    });

    storageTest('need no count of old rows in a new database', async ({ usage }) => {
      assert.equal(await usage.countOldRows(10), true);
    });
  });
}
