import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ServiceError } from '../../../src/domain/errors.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import {
  newAccount,
  newApiKey,
  newMedia,
  newWebhook,
  publication,
  T0,
  USER,
} from '../../../src/storage/testing/records.ts';
import { databaseTest, type StorageHarness, type TestDatabase, withOpen } from '../support/harness.ts';
import {
  claim,
  commitLane,
  createWebhook,
  deliveryOf,
  only,
  postponed,
  settle,
  succeeded,
} from '../support/settlements.ts';

const FULL = { name: 'ServiceError', code: 'storage_full' };
/** A text that fills the confined database with some tens of rows. */
const LONG = 'x'.repeat(3_000);

/** Creates API keys until the disk is full. Returns their ids. */
async function fill(storage: Storage): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    const key = newApiKey({ name: LONG });
    try {
      await storage.apiKeys.create(key, null, null);
    } catch (error) {
      assert.equal((error as ServiceError).code, FULL.code);
      return ids;
    }
    ids.push(key.id);
  }
  return assert.fail('the disk never filled up');
}

async function makeRoom(storage: Storage, ids: readonly string[]): Promise<void> {
  for (const id of ids) await storage.apiKeys.delete(USER, id, { at: T0, by: null });
}

export function testDurability(harness: StorageHarness): void {
  describe('durability', () => {
    databaseTest('all data is there after closing and opening again', harness.create, reopening);
    databaseTest('a closed storage rejects, and may be closed twice', harness.create, closing);
  });

  const { createConfined } = harness;
  if (!createConfined) return;
  const confinedTest = (name: string, body: (storage: Storage) => Promise<void>) =>
    databaseTest(name, createConfined, (database) => withOpen(database, body));
  describe('on a full disk', () => {
    confinedTest('a commit rejects and changes nothing, and succeeds once there is room', commitOnFullDisk);
    confinedTest(
      'a settlement rejects and changes nothing, and succeeds once there is room',
      settleOnFullDisk,
    );
    confinedTest('stored data can be read, and every kind of creation is refused', createOnFullDisk);
  });
}

async function reopening(database: TestDatabase): Promise<void> {
  const [account, key] = [newAccount(), newApiKey()];
  const media = newMedia();
  const before = await withOpen(database, async (storage) => {
    await storage.accounts.create(account, key, null);
    const webhook = await createWebhook(storage);
    await storage.media.create(media, null, null);
    const step = { kind: 'received', mediaId: media.id, size: 9, by: null } as const;
    const event = { mediaId: media.id, idempotencyKey: 'k' };
    await storage.events.commit([publication('file.received', event, step)], T0);
    const [done, retried] = [only(await commitLane(storage, 'a', 2)), only(await commitLane(storage, 'b'))];
    await storage.queue.settle([succeeded(done), postponed(retried, T0 + 9)], T0 + 1, null);
    return { webhook, done, retried };
  });
  await withOpen(database, async (storage) => {
    assert.deepEqual(await storage.accounts.find(account.id), account);
    assert.deepEqual(await storage.apiKeys.findByPublicKey(key.publicKey), key);
    assert.equal((await storage.webhooks.find(USER, before.webhook.id))?.secret, before.webhook.secret);
    assert.equal((await storage.media.findAny(media.id))?.size, 9);
    const repeated = publication('file.received', { idempotencyKey: 'k' });
    assert.deepEqual((await storage.events.commit([repeated], T0)).outcomes, ['repeated']);
    assert.equal((await deliveryOf(storage, before.done)).delivery.state, 'succeeded');
    assert.equal((await deliveryOf(storage, before.retried)).attempts.length, 1);
    // Claims of the first process stay until they are released as stale.
    assert.deepEqual((await claim(storage, T0 + 8)).ready, []);
    await storage.queue.releaseStaleClaims(null);
    const media2 = (await claim(storage, T0 + 9)).ready.map((delivery) => delivery.event.mediaId);
    assert.deepEqual(media2.toSorted(), [media.id, 'a', 'b'].toSorted());
  });
}

async function closing(database: TestDatabase): Promise<void> {
  const storage = await database.open();
  const account = newAccount();
  // A call that was made before `close` is still carried out.
  const created = storage.accounts.create(account, newApiKey({ userId: account.id }), null);
  await Promise.all([created, storage.close()]);
  await storage.close();
  await assert.rejects(storage.accounts.any());
  assert.deepEqual(await withOpen(database, ({ accounts }) => accounts.find(account.id)), account);
}

async function commitOnFullDisk(storage: Storage): Promise<void> {
  await createWebhook(storage);
  const media = newMedia();
  await storage.media.create(media, null, null);
  const ids = await fill(storage);
  const step = { kind: 'received', mediaId: media.id, size: 9, by: null } as const;
  const batch = [
    publication('file.received', { mediaId: media.id, idempotencyKey: 'k' }, step),
    publication('partial.finished', { mediaId: 'other', body: JSON.stringify(LONG.repeat(5)) }),
  ];
  for (let n = 0; n < 3; n += 1) await assert.rejects(storage.events.commit(batch, T0 + 1), FULL);
  assert.deepEqual(await storage.media.findAny(media.id), media);
  await makeRoom(storage, ids);
  const { outcomes, ready } = await storage.events.commit(batch, T0 + 2);
  assert.deepEqual([outcomes, ready.length], [['committed', 'committed'], 2]);
}

async function settleOnFullDisk(storage: Storage): Promise<void> {
  await createWebhook(storage);
  const first = only(await commitLane(storage, 'm1', 2));
  const ids = await fill(storage);
  const settlement = succeeded(first);
  const wordy = { ...settlement, attempt: { ...settlement.attempt, response: LONG.repeat(5) } };
  await assert.rejects(storage.queue.settle([wordy], T0 + 1, null), FULL);
  const { delivery, attempts } = await deliveryOf(storage, first);
  assert.deepEqual([delivery.state, delivery.attempts, attempts], ['pending', 0, []]);
  await makeRoom(storage, ids);
  assert.equal((await settle(storage, [wordy], T0 + 2)).length, 1);
  assert.equal((await deliveryOf(storage, first)).delivery.state, 'succeeded');
}

async function createOnFullDisk(storage: Storage): Promise<void> {
  const [account, webhook] = [newAccount(), newWebhook()];
  await storage.accounts.create(account, newApiKey({ userId: account.id }), null);
  await storage.webhooks.create(webhook, null, null);
  const ids = await fill(storage);
  const [media, another] = [newMedia({ title: LONG.repeat(5) }), newAccount({ firstName: LONG.repeat(5) })];
  const creations = [
    () => storage.media.create(media, null, null),
    () => storage.accounts.create(another, newApiKey({ userId: another.id }), null),
    () => storage.webhooks.create(newWebhook({ name: LONG.repeat(5) }), null, null),
    () => storage.webhooks.update(USER, webhook.id, { name: LONG.repeat(5) }, { at: T0 + 1, by: null }),
  ];
  for (const create of creations) await assert.rejects(create, FULL);
  assert.deepEqual(await storage.accounts.find(account.id), account);
  assert.deepEqual(await storage.webhooks.find(USER, webhook.id), webhook);
  await makeRoom(storage, ids);
  for (const create of creations) await create();
  assert.deepEqual(await storage.media.findAny(media.id), media);
}
