import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestService } from '../../support/service/service.ts';

const HOSTILE_TEXTS = [
  "'); drop table webhooks; --",
  '" or ""="',
  "%' or 1=1 --",
  '\\',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '\u202e',
];

test('text that a client writes stays text, in whichever language it is code', async () => {
  const service = await startTestService();
  const { client } = service;
  try {
    await client.createWebhook('http://127.0.0.1:8/', { encoding_failed: true });
    for (const text of HOSTILE_TEXTS) {
      const { id } = await client.createWebhook('http://127.0.0.1:8/', { name: text, encoding_failed: true });
      const { webhook } = (await client.expect(200, 'GET', `/webhooks/${id}`)).data;
      assert.equal(webhook.name, text);
      const found = await client.expect(200, 'GET', `/webhooks?search=${encodeURIComponent(text)}`);
      const names = found.data.webhooks.map(({ name }: { name: string }) => name);
      assert.deepEqual(names, [text]);
      assert.equal((await client.createMedia({ title: text, tags: [text] })).title, text);
      const { data } = await client.expect(200, 'POST', '/media', { search: text, tags: [text] });
      assert.equal(data.total, 1);
    }
  } finally {
    await service.stop();
  }
});
