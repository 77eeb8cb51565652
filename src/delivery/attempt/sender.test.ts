import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EgressPolicy } from '../egress/policy.ts';
import { Sender } from './sender.ts';

test('an invalid URL ends as a failed exchange, because a sender never rejects', async () => {
  const sender = new Sender({ egress: new EgressPolicy([]), timeoutMs: 1_000 });
  const exchange = await sender.post('no url', {}, '{}');
  assert.equal(exchange.status, null);
  assert.match(exchange.error ?? '', /Invalid URL/);
  await sender.close();
});
