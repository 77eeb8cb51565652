import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { mediaDir, trashDir } from '../../src/media/files/media-files.ts';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';

const EVENTS = 2_000;
const FILES = 3_000;

test('killed while a webhook with many deliveries and a media with many files are removed, it goes on after the next start', async (t) => {
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  const { client, operator } = service;
  await client.expect(200, 'POST', `/webhooks/${webhookId}/pause`);
  const events = Array.from({ length: EVENTS }, (_, n) => publishedEvent(client, `m${n}`, 1));
  for (let from = 0; from < EVENTS; from += 1_000)
    assert.equal((await publish(operator, events.slice(from, from + 1_000)))?.status, 202);
  const { id: mediaId } = await client.createMedia();
  const files = join(mediaDir(service.dataDir, mediaId), 'public');
  await mkdir(files, { recursive: true });
  for (let n = 0; n < FILES; n += 1) await writeFile(join(files, `${n}.ts`), 'x');

  const pending = () => {
    const database = new DatabaseSync(join(service.dataDir, 'mediahooks.sqlite'), { readOnly: true });
    const row = database.prepare("select count(*) as count from deliveries where state = 'pending'").get();
    database.close();
    return Number(row?.count);
  };
  assert.equal(pending(), EVENTS);
  await client.expect(200, 'DELETE', `/webhooks/${webhookId}`);
  await client.expect(200, 'DELETE', `/media/${mediaId}`);
  await service.kill();
  const left = pending();
  assert.ok(left > 0 && left < EVENTS, `${left} of ${EVENTS} deliveries are pending`);

  await service.start();
  const list = `/webhooks/${webhookId}/deliveries`;
  const shown = await client.expect(200, 'GET', `${list}?state=pending`);
  assert.deepEqual(shown.data.deliveries, [], 'none is shown as pending');
  assert.equal((await client.call('GET', `/webhooks/${webhookId}`)).status, 404);
  await eventually('all deliveries are cancelled', async () => pending() === 0);
  const trash = trashDir(service.dataDir);
  await eventually('all files are removed', async () => (await readdir(trash)).length === 0);
  assert.equal(receiver.titles().length, 0);
});
