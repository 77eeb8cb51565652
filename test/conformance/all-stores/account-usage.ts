import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { COMMAND_LINE } from '../../../src/domain/audit.ts';
import type { Cursor } from '../../../src/storage/contracts/page.ts';
import type { RetentionStep } from '../../../src/storage/contracts/retention.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import {
  newMedia,
  newWebhook,
  publication,
  STRANGER,
  T0,
  USER,
} from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import { claim, only, postponed, succeeded } from '../support/settlements.ts';

const LATER = T0 + 1_000_000;
const by = { ...COMMAND_LINE, accountId: USER };

/** Removes everything that can be removed. */
async function removeAll({ retention }: Storage): Promise<void> {
  let after: Cursor | null = null;
  do {
    const step: RetentionStep = await retention.removeEvents({ before: LATER, now: LATER, after, limit: 3 });
    ({ after } = step);
  } while (after !== null);
  while ((await retention.removeAuditRecords({ before: LATER, limit: 2 })) > 0);
  await retention.removeMedia(await retention.deletedMedia({ before: LATER, limit: 100 }));
}

export function testAccountUsage(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('the bytes that the rows of an account take', () => {
    storageTest('grow with each row, count for its account alone, and end with the rows', async (storage) => {
      const usage = () => storage.accounts.usage(USER);
      assert.equal(await usage(), 0);
      let last = 0;
      const grows = async (what: string, most = 100_000) => {
        const bytes = await usage();
        assert.ok(bytes > last && bytes < last + most, `${what}: ${bytes - last}`);
        last = bytes;
      };
      await storage.webhooks.create(newWebhook(), null, by);
      await grows('an audit record');
      const media = newMedia({ tags: ['x'.repeat(10_000)] });
      await storage.media.create(media, null, null);
      await grows('a media');
      assert.ok(last > 10_000, 'the tags count');
      await storage.media.update(USER, media.id, { description: 'd'.repeat(500) }, { at: T0, by: null });
      await grows('a longer description');
      await storage.media.update(USER, media.id, { tags: [] }, { at: T0, by: null });
      assert.ok((await usage()) < last - 9_000, 'shorter tags count less');
      last = await usage();
      const facts = {
        duration: 1,
        type: 'video',
        hasTakenThumbnail: false,
        notes: ['n'.repeat(300)],
      } as const;
      await storage.media.saveProbe(media.id, facts, T0);
      await grows('a note');
      await storage.media.saveProbe(media.id, facts, T0);
      assert.equal(await usage(), last, 'the same note');
      const received = { kind: 'received', mediaId: media.id, size: 1, by } as const;
      const { ready } = await storage.events.commit(
        [publication('file.received', { mediaId: media.id }, received)],
        T0,
      );
      await grows('an event with its delivery, and an audit record');
      const delivery = only(ready);
      await storage.queue.settle([postponed(delivery, T0 + 1)], T0, null);
      assert.equal(await usage(), last, 'the first attempt is a part of the delivery');
      const again = only((await claim(storage, T0 + 1)).ready);
      await storage.queue.settle([succeeded(again, T0 + 1)], T0 + 1, null);
      await grows('a second attempt');
      await storage.queue.settle([succeeded(again, T0 + 1)], T0 + 1, null);
      assert.equal(await usage(), last, 'a repeated call counts nothing');

      await storage.media.delete(USER, media.id, { at: T0 + 1, by: null });
      assert.ok((await usage()) < last, 'a deleted media counts less');
      await removeAll(storage);
      assert.equal(await usage(), 0);
      assert.equal(await storage.accounts.usage(STRANGER), 0);
    });

    storageTest(
      'include the revisions of webhooks after the first, until they are removed',
      async (storage) => {
        const usage = () => storage.accounts.usage(USER);
        const webhook = newWebhook();
        await storage.webhooks.create(webhook, null, null);
        assert.equal(await usage(), 0);
        const change = { at: T0, by: null };
        const move = (n: number) =>
          storage.webhooks.update(
            USER,
            webhook.id,
            { url: `https://receiver.example/${n}`.padEnd(2_000, 'x') },
            change,
          );
        for (let n = 0; n < 20; n += 1) await move(n);
        const most = await usage();
        assert.ok(most > 20 * 2_000 && most < 20 * 3_000, `${most} bytes`);
        for (let n = 0; n < 5; n += 1) await move(n);
        assert.equal(await usage(), most, 'as many as before are kept');
        await storage.webhooks.delete(USER, webhook.id, change);
        assert.equal(await usage(), most);
        await storage.retention.removeWebhooks({ after: null, limit: 100 });
        assert.equal(await usage(), 0);
      },
    );

    storageTest('do not include what operators publish, nor refused sign-ins', async (storage) => {
      await storage.webhooks.create(newWebhook(), null, null);
      await storage.events.commit([publication('file.received', { idempotencyKey: 'k' })], T0);
      const entry = { at: T0, accountId: USER, action: 'account.sign_in_refused', targetId: USER } as const;
      await storage.audit.add(entry, by);
      assert.equal(await storage.accounts.usage(USER), 0);
      await removeAll(storage);
      assert.equal(await storage.accounts.usage(USER), 0);
    });
  });
}
