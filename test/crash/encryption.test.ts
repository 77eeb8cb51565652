import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { eventually } from '../../src/platform/testing/eventually.ts';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import { keyIdOfSealed } from '../../src/storage/encryption/key-ring.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { newWebhook } from '../../src/storage/testing/records.ts';
import type { ProgramEnd } from '../support/service/command.ts';
import { ServiceProcess } from '../support/service/service-process.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';
import { EndlessUpdate } from '../support/storage/endless-update.ts';

const newKey = () => randomBytes(32).toString('base64');
const KEY_FILE = 'encryption-key';

async function rotateIn(service: ServiceProcess, settings?: Record<string, string>): Promise<ProgramEnd> {
  return service.run(['encryption', 'rotate'], settings);
}

async function assertRefused(service: ServiceProcess, says: RegExp, settings: Record<string, string> = {}) {
  const { exitCode, stderr } = await service.run(['serve'], settings);
  assert.equal(exitCode, 1);
  const [line = '', ...more] = stderr.trimEnd().split('\n');
  assert.match(line, says);
  assert.deepEqual(more, []);
}

/** Returns the bytes of every file of the database. */
async function storedBytes(service: ServiceProcess): Promise<Buffer> {
  const names = (await readdir(service.dataDir)).filter((name) => name.startsWith('mediahooks.sqlite'));
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(service.dataDir, name)))));
}

async function notStarted(t: TestContext, settings: Record<string, string> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.create({ settings });
  t.after(() => service.remove());
  return service;
}

test('no secret, private key or header value is in the database, nor in the log', async (t) => {
  const { service, receiver, publishOne } = await startServiceWithReceiver(t, {
    settings: { MEDIAHOOKS_LOG_LEVEL: 'trace' },
  });
  const webhook = await service.client.createWebhook(receiver.url, {
    partial_finished: true,
    signature: 'both',
    headers: { Authorization: 'Bearer told-in-confidence' },
  });
  const rotated = await service.client.expect(200, 'POST', `/webhooks/${webhook.id}/secret/rotate`);
  await service.client.call('PATCH', `/webhooks/${webhook.id}`, { headers: { Host: 'told-in-confidence' } });
  await publishOne('a', 1);
  await receiver.untilCount(2);
  const stored = await storedBytes(service);
  const { stderr } = await service.terminate();
  const key = await readFile(join(service.dataDir, KEY_FILE), 'utf8');
  for (const secret of [webhook.secret, rotated.data.secret, 'told-in-confidence', 'whsk_', key.trim()]) {
    assert.ok(!stored.includes(secret), `${secret} is stored`);
    assert.ok(!stderr.includes(secret), `${secret} is logged`);
  }
  assert.ok(stored.includes(webhook.id));
});

test('only the owner can read the key of the data folder, and without the key the service does not start', async (t) => {
  const service = await notStarted(t);
  const file = join(service.dataDir, KEY_FILE);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const key = await readFile(file, 'utf8');
  const says =
    /^mediahooks: MEDIAHOOKS_ENCRYPTION_KEY: the database is encrypted with the key [0-9a-f]{16}, /;
  await rm(file);
  await assertRefused(service, says);
  await assert.rejects(stat(file), 'a start that fails leaves no other key behind');
  await writeFile(file, newKey());
  await assertRefused(service, says);
  await writeFile(file, 'no key');
  await assertRefused(service, /encryption-key: expected 32 bytes in base64/);
  await writeFile(file, key);
  await service.start();
});

test('a change of the key that is killed halfway continues when repeated, and the service starts in between', async (t) => {
  const { service, receiver, webhookId, publishOne } = await startServiceWithReceiver(t);
  const file = join(service.dataDir, KEY_FILE);
  const keys = async () => (await readFile(file, 'utf8')).trim().split('\n');
  const [before = ''] = await keys();
  const { stderr } = await rotateIn(service);
  assert.match(stderr, /another server is running/);
  const { secret } = (await service.client.expect(200, 'GET', `/webhooks/${webhookId}/secret`)).data;
  await service.terminate();
  const { userId } = service.client.credentials;
  const secrets = await addWebhooks(service, userId, before);
  secrets.set(webhookId, secret);

  // The command is killed in its second step of a hundred webhooks, when the first step is committed.
  const endless = EndlessUpdate.set(databaseOf(service), 'webhooks', 150);
  const kill = new AbortController();
  const killed = service.run(['encryption', 'rotate'], {}, kill.signal);
  await eventually('a step is committed', async () => sealedByKey(service).length === 2);
  kill.abort();
  assert.equal((await killed).endSignal, 'SIGKILL');
  endless.remove();
  assert.deepEqual(sealedByKey(service), [100, secrets.size - 100]);
  assert.deepEqual([(await keys()).length, (await keys())[1]], [2, before]);

  await service.start();
  await publishOne('a', 1);
  await receiver.until((received) => received.some(({ verified }) => verified));
  await service.terminate();

  const repeat = await rotateIn(service);
  assert.equal(repeat.exitCode, 0);
  assert.match(
    repeat.stdout,
    new RegExp(`^the secrets of ${secrets.size - 100} webhooks were encrypted with the new key`),
  );
  const after = await keys();
  assert.deepEqual([after.length, after.includes(before)], [1, false]);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(sealedByKey(service), [secrets.size]);
  assert.deepEqual(await secretsBy(service, userId, after), secrets);
  await service.start();
  assert.equal(
    (await service.client.expect(200, 'GET', `/webhooks/${webhookId}/secret`)).data.secret,
    secret,
  );
});

const ALL = { offset: 0, limit: 1_000, orderBy: 'asc', search: null, sortBy: 'name', events: {} } as const;

const databaseOf = (service: ServiceProcess) => join(service.dataDir, 'mediahooks.sqlite');

async function withStorage<T>(
  service: ServiceProcess,
  keys: readonly string[],
  body: (storage: Storage) => Promise<T>,
): Promise<T> {
  const ring = keys.map((key) => Buffer.from(key, 'base64'));
  const storage = await openStorage(pathToFileURL(databaseOf(service)), { keys: ring });
  try {
    return await body(storage);
  } finally {
    await storage.close();
  }
}

/**
 * Creates webhooks that want no events, more than two steps of a change of the key encrypt. @returns their secrets,
 * by id
 */
function addWebhooks(service: ServiceProcess, userId: string, key: string): Promise<Map<string, string>> {
  return withStorage(service, [key], async ({ webhooks }) => {
    const added = Array.from({ length: 250 }, () =>
      newWebhook({ userId, events: [], secret: `whsec_${newKey()}` }),
    );
    await Promise.all(added.map((webhook) => webhooks.create(webhook, null, null)));
    return new Map(added.map(({ id, secret }) => [id, secret]));
  });
}

function secretsBy(service: ServiceProcess, userId: string, keys: string[]): Promise<Map<string, string>> {
  return withStorage(service, keys, async ({ webhooks }) => {
    const { items } = await webhooks.list(userId, ALL);
    return new Map(items.map(({ id, secret }) => [id, secret]));
  });
}

/** Returns the number of webhooks that are encrypted with each of the keys in use, as another process counts them. */
function sealedByKey(service: ServiceProcess): number[] {
  const database = new DatabaseSync(databaseOf(service), { readOnly: true });
  try {
    const rows = database.prepare('select credentials from webhooks').all();
    const counts = Object.groupBy(rows, ({ credentials }) => String(keyIdOfSealed(String(credentials))));
    return Object.values(counts)
      .map((of) => of?.length ?? 0)
      .toSorted((one, other) => one - other);
  } finally {
    database.close();
  }
}

test("an operator's key comes from the environment or a file, and is changed by naming the old one second", async (t) => {
  const [old, renewed] = [newKey(), newKey()];
  const service = await notStarted(t, { MEDIAHOOKS_ENCRYPTION_KEY: old });
  assert.ok(!(await readdir(service.dataDir)).includes(KEY_FILE));
  await assertRefused(service, /that key is not given$/, { MEDIAHOOKS_ENCRYPTION_KEY: renewed });
  await service.start();
  const { id, secret } = await service.client.createWebhook('https://example.com/');
  await service.terminate();
  const rotated = await rotateIn(service, { MEDIAHOOKS_ENCRYPTION_KEY: `${renewed},${old}` });
  assert.match(
    rotated.stdout,
    /^the secrets of 1 webhooks were encrypted with the new key\nthe key [0-9a-f]{16} is now needed only/,
  );
  await assertRefused(service, /that key is not given$/);
  const file = join(service.dataDir, 'an operators key');
  await writeFile(file, `${renewed}\n`);
  await service.start({ MEDIAHOOKS_ENCRYPTION_KEY: `file://${encodeURI(file)}` });
  const found = await service.client.expect(200, 'GET', `/webhooks/${id}/secret`);
  assert.equal(found.data.secret, secret);
});
