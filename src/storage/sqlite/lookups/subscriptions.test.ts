import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { EventType } from '../../../domain/event.ts';
import type { Storage } from '../../contracts/storage.ts';
import { KEYS, newWebhook } from '../../testing/records.ts';
import { openSqliteStorage } from '../sqlite-storage.ts';

/** Opens a storage, and another connection to its file, as another process would have it. */
async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-subscriptions-'));
  const file = join(dir, 'test.sqlite');
  const storage = await openSqliteStorage({ file, keys: KEYS });
  const other = new DatabaseSync(file);
  t.after(async () => {
    other.close();
    await storage.close();
    await rm(dir, { recursive: true });
  });
  return { storage, other };
}

async function createWebhook(storage: Storage, events: readonly EventType[]): Promise<string> {
  const webhook = newWebhook({ userId: 'u', url: 'https://r.example/', events });
  await storage.webhooks.create(webhook, null, null);
  return webhook.id;
}

/** Commits an event. Returns the webhooks that get a delivery of it, with their URLs. */
async function subscribersOf(storage: Storage, type: EventType = 'file.received') {
  const event = { id: randomUUIDv7(), userId: 'u', mediaId: randomUUIDv7(), type, emittedAt: 1, body: '{}' };
  const { ready } = await storage.events.commit(
    [{ event: { ...event, idempotencyKey: null }, step: null }],
    1,
  );
  return ready.map(({ webhook }) => `${webhook.id} ${webhook.url}`);
}

test('a created, changed or deleted webhook affects the next event', async (t) => {
  const { storage } = await setUp(t);
  assert.deepEqual(await subscribersOf(storage), []);
  const one = await createWebhook(storage, ['file.received']);
  const two = await createWebhook(storage, ['file.received', 'encoding.failed']);
  assert.deepEqual(await subscribersOf(storage), [`${one} https://r.example/`, `${two} https://r.example/`]);
  assert.deepEqual(await subscribersOf(storage, 'encoding.failed'), [`${two} https://r.example/`]);
  await storage.webhooks.update('u', one, { url: 'https://moved.example/' }, { at: 2, by: null });
  await storage.webhooks.update('u', two, { events: ['encoding.failed'] }, { at: 2, by: null });
  assert.deepEqual(await subscribersOf(storage), [`${one} https://moved.example/`]);
  await storage.webhooks.pause('u', one, { at: 3, by: null });
  assert.deepEqual(await subscribersOf(storage), []);
  await storage.webhooks.resume('u', one, { at: 4, by: null });
  assert.equal((await subscribersOf(storage)).length, 1);
  await storage.webhooks.delete('u', one, { at: 5, by: null });
  assert.deepEqual(await subscribersOf(storage), []);
});

test('changes by another process are seen', async (t) => {
  const { storage, other } = await setUp(t);
  const one = await createWebhook(storage, ['file.received']);
  assert.equal((await subscribersOf(storage)).length, 1);
  await storage.flush();
  other.exec(`update webhooks set url = 'https://elsewhere.example/'`);
  assert.deepEqual(await subscribersOf(storage), [`${one} https://elsewhere.example/`]);
});
