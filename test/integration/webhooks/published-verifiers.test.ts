import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import { type Signed, VERIFIERS } from '../../support/receivers/verifiers/verifiers.ts';
import { ALL_EVENTS } from '../../support/service/api-client.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let receiver: Receiver;
/** A request as it was delivered after a rotation, signed by both schemes. */
let delivered: Omit<Signed, 'key'>;
const secrets: string[] = [];
const publicKeys: string[] = [];

before(async () => {
  service = await startTestService();
  receiver = await Receiver.start();
  const { client, operator } = service;
  const { id, secret } = await client.createWebhook(receiver.url, { ...ALL_EVENTS, signature: 'both' });
  const { webhook } = (await client.expect(200, 'GET', `/webhooks/${id}`)).data;
  const rotated = (await client.expect(200, 'POST', `/webhooks/${id}/secret/rotate`)).data;
  secrets.push(secret, rotated.secret);
  publicKeys.push(webhook.public_key, rotated.public_key);
  const event = { ...publishedEvent(client, 'a', 1), title: 'Grüße, 世界 🎬 "\\"' };
  assert.equal((await publish(operator, [event]))?.status, 202);
  await receiver.untilCount(1);
  const { body, headers } = receiver.received[0] ?? assert.fail();
  const signed = Object.entries(headers).filter(([name]) => name.startsWith('webhook-'));
  delivered = { body, headers: Object.fromEntries(signed) as Record<string, string> };
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

for (const verifier of VERIFIERS) {
  test(`${verifier.name} verifies what was delivered with the old key and the new, and nothing else`, (t) => {
    const missing = verifier.prepare();
    if (missing !== null) {
      t.skip(`it can't be had here: ${missing}`);
      return;
    }
    const { body, headers } = delivered;
    const changed = [
      { body: body.replace('partial', 'martial'), headers },
      { body, headers: { ...headers, 'webhook-id': 'another' } },
      {
        body,
        headers: { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) },
      },
    ];
    const keys = verifier.knowsEd25519 ? [...secrets, ...publicKeys] : secrets;
    for (const key of keys) {
      const requests = [delivered, ...changed].map((request) => ({ ...request, key }));
      assert.deepEqual(verifier.verify(requests), [true, false, false, false]);
    }
    const strange = [{ ...delivered, key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }];
    assert.deepEqual(verifier.verify(strange), [false]);
  });
}
