import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.2/32' });
});

after(() => service.stop());

test('a URL that a webhook could have is returned as it would be stored, and nothing is created', async () => {
  const { client } = service;
  const { data } = await client.expect(200, 'POST', '/webhooks/check_url', {
    url: 'HTTPS://Example.invalid:443/hooks#part',
  });
  assert.deepEqual(data, { url: 'https://example.invalid/hooks' });
  await client.expect(200, 'POST', '/webhooks/check_url', { url: 'http://127.0.0.2/' });
  assert.equal((await client.expect(200, 'GET', '/webhooks')).data.total, 0);
});

test('a URL is refused in the words in which the creation of a webhook refuses it', async () => {
  const { client } = service;
  for (const url of [
    'ftp://example.com/',
    'https://user:password@example.com/',
    'http://127.0.0.1/',
    'http://[::1]/',
    'https://example.com:22/',
    'localhost',
  ]) {
    const checked = await client.call('POST', '/webhooks/check_url', { url });
    const created = await client.call('POST', '/webhooks', { url, file_received: true });
    assert.equal(checked.status, created.status, url);
    assert.deepEqual(checked.body, created.body, url);
    assert.equal(checked.body.details[0].field, 'url', url);
  }
});
