import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import { formWithFile } from '../../support/service/api-client.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Habits of the public clients that are not in the contract. */

let service: TestService;
let receiver: Receiver;

before(async () => {
  service = await startTestService();
  receiver = await Receiver.start();
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

test('the Node client uploads and completes below /videos, though it created the media below /media', async () => {
  const { client } = service;
  const { id } = await client.createMedia();
  const form = formWithFile(Buffer.from('no media, but a file'));
  const part = await client.send(`/videos/${id}/part`, { method: 'POST', body: form });
  assert.equal(part.status, 200, JSON.stringify(part.body));
  await client.expect(200, 'GET', `/videos/${id}/complete`);
  await client.expect(404, 'GET', `/videos/${id}`);
});

test('a webhook or a key can be created without a name, but not renamed to a blank one', async () => {
  const { client } = service;
  const { id } = await client.createWebhook(receiver.url, { name: '', file_received: true });
  assert.equal((await client.expect(200, 'GET', `/webhooks/${id}`)).data.webhook.name, 'Webhook');
  const key = (await client.expect(201, 'POST', '/api_keys', { api_key_name: 'a' })).data.api_key;
  for (const name of ['', '   ']) {
    await client.expect(400, 'PATCH', `/webhooks/${id}`, { name });
    await client.expect(400, 'PATCH', `/api_keys/${key.id}`, { api_key_name: name });
  }
});

test('webhooks are sorted by URL, and keys filtered by type, as the newest clients request', async () => {
  const { client } = await service.newAccount();
  for (const path of ['b', 'c', 'a']) await client.createWebhook(`${receiver.url}/${path}`);
  const { webhooks } = (await client.expect(200, 'GET', '/webhooks?sort_by=url')).data;
  assert.deepEqual(
    webhooks.map(({ url }: { url: string }) => url.slice(-1)),
    ['a', 'b', 'c'],
  );

  await client.expect(201, 'POST', '/api_keys', { api_key_name: 'uploader', type: 'only_upload' });
  const { api_keys, total } = (await client.expect(200, 'GET', '/api_keys?type=only_upload')).data;
  assert.deepEqual([api_keys[0].name, total], ['uploader', 1]);
  await client.expect(400, 'GET', '/api_keys?type=other');
});

test('an empty type counts as none, and a thumbnail without a file name is not a file', async () => {
  const { client } = service;
  const { id, type } = await client.createMedia({ type: '' });
  assert.equal(type, 'video');
  const body = '--b\r\ncontent-disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n';
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const answer = await client.send(`/media/${id}/thumbnail`, { method: 'POST', body, headers });
  assert.equal(answer.status, 400);
});
