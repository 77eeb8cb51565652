import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '../../src/platform/testing/seeded-random.ts';
import type { ApiClient } from '../support/service/api-client.ts';
import { ServiceProcess } from '../support/service/service-process.ts';

const KILLS = 8;
/** Number of clients that change objects at the same time, so that commits are joined. */
const CLIENTS = 8;

const UNLIMITED = { MEDIAHOOKS_MAX_OPEN_UPLOADS: '0', MEDIAHOOKS_RATE_LIMIT_ACCOUNT: 'off' };

/** Creates and deletes media until the service has ended. */
async function changeUntilGone(client: ApiClient, onChanged: () => void): Promise<void> {
  for (let n = 0; ; n += 1) {
    const created = await client.call('POST', '/media/create', { title: 'A clip' }).catch(() => null);
    if (!created) return;
    onChanged();
    if (n % 2 === 1) await client.call('DELETE', `/media/${created.body.data.id}`).catch(() => null);
  }
}

/** Returns the targets of all records of one action. */
async function targetsOf(client: ApiClient, action: string): Promise<Set<string>> {
  const targets = new Set<string>();
  for (let total = 1, offset = 0; offset < total; offset += 100) {
    const path = `/audit?action=${action}&limit=100&offset=${offset}&order_by=asc`;
    const { data } = await client.expect(200, 'GET', path);
    total = data.total;
    for (const { target_id } of data.audit_records) {
      assert.ok(!targets.has(target_id), `${action} of ${target_id} is recorded once`);
      targets.add(target_id);
    }
  }
  return targets;
}

test('killed during changes: each change that survived has its record, and each record its change', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const random = seededRandom(seed);
  const service = await ServiceProcess.create({ settings: UNLIMITED });
  t.after(() => service.remove());
  for (let n = 0; n < KILLS; n += 1) {
    await service.start();
    const { promise: isTime, resolve } = Promise.withResolvers<void>();
    let left = 30 + Math.floor(random() * 60);
    const countDown = () => {
      left -= 1;
      if (left === 0) resolve();
    };
    const changing = Array.from({ length: CLIENTS }, () => changeUntilGone(service.client, countDown));
    await isTime;
    await service.kill();
    await Promise.all(changing);
  }
  await service.start();
  const { client } = service;
  const left = new Set<string>();
  for (let total = 1; left.size < total; ) {
    const { data } = await client.expect(200, 'POST', '/media', {
      limit: 100,
      offset: left.size,
      order_by: 'asc',
    });
    total = data.total;
    for (const { id } of data.media) left.add(id);
  }
  const [created, deleted] = [
    await targetsOf(client, 'media.created'),
    await targetsOf(client, 'media.deleted'),
  ];
  t.diagnostic(`${created.size} created, ${deleted.size} deleted`);
  assert.deepEqual(created.difference(deleted), left);
  assert.ok(deleted.isSubsetOf(created) && deleted.size > KILLS);
});
