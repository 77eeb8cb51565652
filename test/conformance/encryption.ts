import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { describe } from 'node:test';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import { KEYS, newWebhook, publications, STRANGER, T0, USER } from '../../src/storage/testing/records.ts';
import { databaseTest, type StorageHarness, storageTests, withOpen } from './support/harness.ts';

const NEW_KEYS = [Buffer.alloc(32, 'new key')];
const BOTH_KEYS = [...NEW_KEYS, ...KEYS];
const IS_KEY_ERROR = { code: 'ERR_ENCRYPTION_KEY' };

const ROTATED = { secret: 'whsec_bmV3', privateKey: 'whsk_bmV3', previousUntil: T0 + 100 };

/** Commits an event. Returns its targets. The event has its own media, so that its lane is not busy. */
async function targetsOf({ events }: Storage) {
  const { ready } = await events.commit(publications(1, { mediaId: randomUUIDv7() }), T0);
  return ready.map(({ webhook: { secret, previous, headers } }) => ({ secret, previous, headers }));
}

export function testEncryption(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('keys and headers', () => {
    storageTest('are found as they were stored, and are part of the target', async (storage) => {
      const webhook = newWebhook({
        signature: 'both',
        secret: 'whsec_YQ==',
        privateKey: 'whsk_Yg==',
        previousKeys: { secret: 'whsec_Yw==', privateKey: null, until: T0 + 5 },
        headers: { Authorization: 'Bearer Grüße' },
      });
      await storage.webhooks.create(webhook, null, null);
      assert.deepEqual(await storage.webhooks.find(USER, webhook.id), webhook);
      assert.deepEqual(await targetsOf(storage), [
        {
          secret: 'whsec_YQ== whsk_Yg==',
          previous: { secret: 'whsec_Yw==', until: T0 + 5 },
          headers: { Authorization: 'Bearer Grüße' },
        },
      ]);
    });

    storageTest('change, but an existing private key stays', async ({ webhooks }) => {
      const webhook = newWebhook();
      await webhooks.create(webhook, null, null);
      const changes = { signature: 'ed25519', privateKey: 'whsk_YQ==', headers: { A: 'b' } } as const;
      const changed = { ...webhook, ...changes, updatedAt: T0 + 1 };
      assert.deepEqual(await webhooks.update(USER, webhook.id, changes, { at: T0 + 1, by: null }), changed);
      const again = await webhooks.update(
        USER,
        webhook.id,
        { privateKey: 'whsk_Yg==' },
        { at: T0 + 1, by: null },
      );
      assert.deepEqual(again, changed);
      assert.equal(
        await webhooks.update(STRANGER, webhook.id, { headers: {} }, { at: T0 + 2, by: null }),
        null,
      );
      assert.deepEqual(await webhooks.find(USER, webhook.id), changed);
    });

    storageTest(
      'rotate: the replaced keys become the previous ones, and the target changes',
      async (storage) => {
        const { webhooks } = storage;
        const webhook = newWebhook({ privateKey: 'whsk_YQ==', signature: 'ed25519' });
        await webhooks.create(webhook, null, null);
        const { ready: held } = await storage.events.commit(publications(1), T0);
        const { secret, privateKey } = webhook;
        const previousKeys = { secret, privateKey, until: T0 + 100 };
        const { previousUntil: _, ...keys } = ROTATED;
        const rotated = { ...webhook, ...keys, previousKeys, updatedAt: T0 + 1 };
        assert.deepEqual(
          await webhooks.rotateKeys(USER, webhook.id, ROTATED, { at: T0 + 1, by: null }),
          rotated,
        );
        const { queue } = storage;
        await queue.release(held.map(({ seq }) => seq));
        const { ready } = await queue.claim({ now: T0, limit: 1, perWebhook: 1, buffered: [], after: null });
        assert.deepEqual(ready[0]?.webhook.secret, 'whsk_bmV3');
        assert.deepEqual(ready[0]?.webhook.previous, { secret: 'whsk_YQ==', until: T0 + 100 });
        const atOnce = { ...ROTATED, previousUntil: null };
        assert.equal(
          (await webhooks.rotateKeys(USER, webhook.id, atOnce, { at: T0 + 2, by: null }))?.previousKeys,
          null,
        );
        assert.equal(
          await webhooks.rotateKeys(STRANGER, webhook.id, ROTATED, { at: T0 + 3, by: null }),
          null,
        );
      },
    );

    storageTest('a rotation adds no private key to a webhook without one', async ({ webhooks }) => {
      const webhook = newWebhook();
      await webhooks.create(webhook, null, null);
      const rotated = await webhooks.rotateKeys(USER, webhook.id, ROTATED, { at: T0 + 1, by: null });
      assert.deepEqual([rotated?.secret, rotated?.privateKey], ['whsec_bmV3', null]);
    });
  });

  describe('encryption', () => {
    databaseTest('opens with the key in use only', harness.create, async (database) => {
      await withOpen(database, async () => undefined);
      await assert.rejects(database.open(NEW_KEYS), IS_KEY_ERROR);
      await withOpen(database, async () => undefined);
    });

    databaseTest(
      'changes to another key in steps that may be interrupted',
      harness.create,
      async (database) => {
        const webhooks = [1, 2, 3].map((n) => newWebhook({ secret: `whsec_${n}`, createdAt: T0 + n }));
        const secretsIn = async (storage: Storage) => (await targetsOf(storage)).map(({ secret }) => secret);
        const secrets = webhooks.map(({ secret }) => secret);
        const removed = newWebhook();
        await withOpen(database, async (storage) => {
          for (const webhook of [...webhooks, removed]) await storage.webhooks.create(webhook, null, null);
          await storage.webhooks.delete(USER, removed.id, { at: T0, by: null });
        });
        await withOpen({ ...database, open: () => database.open(BOTH_KEYS) }, async (storage) => {
          assert.deepEqual(await secretsIn(storage), secrets);
          assert.equal((await storage.encryption.reseal({ after: null, limit: 1 })).resealed, 1);
          assert.equal(
            await storage.encryption.retireKeys({ at: T0, by: null }),
            null,
            'two webhooks are left',
          );
          assert.deepEqual(await secretsIn(storage), secrets);
        });
        await assert.rejects(database.open(NEW_KEYS), IS_KEY_ERROR);
        await assert.rejects(database.open(KEYS), IS_KEY_ERROR);
        await withOpen({ ...database, open: () => database.open(BOTH_KEYS) }, async ({ encryption }) => {
          assert.deepEqual(await encryption.reseal({ after: null, limit: 10 }), { resealed: 2, after: null });
          assert.equal((await encryption.retireKeys({ at: T0, by: null }))?.length, 1);
          assert.deepEqual(await encryption.retireKeys({ at: T0, by: null }), []);
        });
        await withOpen({ ...database, open: () => database.open(NEW_KEYS) }, async (storage) => {
          assert.deepEqual(await secretsIn(storage), secrets);
        });
        await assert.rejects(database.open(KEYS), IS_KEY_ERROR);
      },
    );
  });
}
