import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import {
  claim,
  commitOne,
  createWebhook,
  deliveryOf,
  only,
  postponed,
  succeeded,
} from '../support/settlements.ts';

const change = { at: T0, by: null };
const HMAC = { headers: [], signatures: ['v1'], previous: null };

async function revisionOf(storage: Storage, mediaId: string): Promise<number> {
  const { webhook } = await commitOne(storage, mediaId);
  return webhook.revision ?? assert.fail('a target has no revision');
}

export function testRevisions(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('revisions of a webhook', () => {
    storageTest(
      'tell for each attempt which URL, headers and signatures its request had',
      async (storage) => {
        const webhook = await createWebhook(storage, { headers: { Authorization: 'Bearer s3cret' } });
        const first = await commitOne(storage);
        const number = first.webhook.revision ?? assert.fail();
        const refused = postponed(first, T0 + 1);
        await storage.queue.settle(
          [{ ...refused, attempt: { ...refused.attempt, revision: number } }],
          T0,
          null,
        );
        const url = 'https://other.example/';
        await storage.webhooks.update(USER, webhook.id, { url, headers: {} }, change);
        const again = only((await claim(storage, T0 + 1)).ready);
        const next = again.webhook.revision ?? assert.fail();
        const accepted = succeeded(again);
        await storage.queue.settle(
          [{ ...accepted, attempt: { ...accepted.attempt, revision: next } }],
          T0,
          null,
        );
        const { attempts, revisions } = await deliveryOf(storage, first);
        assert.deepEqual(
          attempts.map(({ revision }) => revision),
          [number, next],
        );
        assert.deepEqual(revisions, [
          { number, url: webhook.url, sent: { ...HMAC, headers: ['Authorization'] } },
          { number: next, url, sent: HMAC },
        ]);
      },
    );

    storageTest('follow each change that requests show, and no other', async (storage) => {
      const { id } = await createWebhook(storage);
      const { webhooks } = storage;
      const numbers = [await revisionOf(storage, 'm0')];
      const same = {
        name: 'renamed',
        maxInFlight: 3,
        retrySchedule: [1],
        url: 'https://receiver.example/hook',
      };
      await webhooks.update(USER, id, same, change);
      assert.equal(await revisionOf(storage, 'm1'), numbers[0]);
      await webhooks.update(USER, id, { signature: 'both', privateKey: 'whsk_eA==' }, change);
      numbers.push(await revisionOf(storage, 'm2'));
      const keys = { secret: 'whsec_eA==', privateKey: 'whsk_eQ==', previousUntil: T0 + 5 };
      await webhooks.rotateKeys(USER, id, keys, change);
      numbers.push(await revisionOf(storage, 'm3'));
      await webhooks.update(USER, id, { headers: { 'X-A': '1' } }, change);
      numbers.push(await revisionOf(storage, 'm4'));
      assert.deepEqual(numbers.length, new Set(numbers).size);
    });

    storageTest('are limited: the newest twenty are kept', async (storage) => {
      const webhook = await createWebhook(storage);
      const ready = await commitOne(storage);
      const { attempt, ...rest } = succeeded(ready);
      await storage.queue.settle(
        [{ ...rest, attempt: { ...attempt, revision: ready.webhook.revision ?? null } }],
        T0,
        null,
      );
      const kept = async () => (await deliveryOf(storage, ready)).revisions.length;
      for (let n = 0; n < 19; n += 1)
        await storage.webhooks.update(USER, webhook.id, { url: `https://receiver.example/${n}` }, change);
      assert.equal(await kept(), 1);
      await storage.webhooks.update(USER, webhook.id, { url: 'https://receiver.example/last' }, change);
      assert.equal(await kept(), 0);
    });
  });
}
