import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApiAnswer, ApiClient } from '../../support/service/api-client.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

/** The service as operators run it: with the memory limits that `script/mediahooks` sets. */
let service: ServiceProcess;

before(async () => {
  service = await ServiceProcess.create();
  await service.start();
});

after(() => service.remove());

/** Functions that make bodies of about `bytes`. */
const BODIES: Record<string, (bytes: number) => string> = {
  'a list of objects': (bytes) => `[${'{},'.repeat(bytes / 3)}{}]`,
  'a list of numbers': (bytes) => `[${'1,'.repeat(bytes / 2)}1]`,
  'an object of lists': (bytes) => `{"tags":[${'[],'.repeat(bytes / 3)}[]]}`,
  'an object of many fields': (bytes) =>
    `{${Array.from({ length: bytes / 11 }, (_, n) => `"${n}":1`).join(',')}}`,
};

/** Callers and routes, with nearly as many bytes as each route accepts. */
const CALLERS: readonly [string, () => ApiClient, string, number][] = [
  ['an operator', () => service.operator, '/events', 4_100_000],
  ['an account', () => service.client, '/webhooks', 500_000],
];

async function assertRefused(answer: ApiAnswer): Promise<void> {
  assert.equal(answer.status, 400);
  assert.equal(answer.body.code, 'invalid_request');
  assert.match(answer.body.message, /^body: expected at most 25000 values/);
}

describe('bodies that would take much memory once they are parsed', () => {
  for (const [what, body] of Object.entries(BODIES)) {
    for (const [who, client, path, bytes] of CALLERS) {
      test(`${what}, sent by ${who}, is refused`, async () => {
        await assertRefused(await client().call('POST', path, body(bytes)));
      });
    }
  }

  test('many at once are refused, and affect no other request', async () => {
    const body = `[${'{},'.repeat(1_300_000)}{}]`;
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => service.operator.call('POST', '/events', body)),
    );
    const refusals = answers.filter(({ status }) => status === 400);
    const overloads = answers.filter(({ status, body }) => status === 503 && body.code === 'overloaded');
    assert.equal(refusals.length + overloads.length, answers.length);
    assert.ok(refusals.length > 0);
    assert.ok(service.isAlive);
    // A refused body takes no memory any more.
    await assertRefused(await service.operator.call('POST', '/events', body));
  });

  test('deeply nested values are refused, however deep', async () => {
    for (const depth of [10_000, 1_000_000]) {
      const body = '['.repeat(depth) + ']'.repeat(depth);
      const { status, body: answer } = await service.operator.call('POST', '/events', body);
      assert.deepEqual([status, answer.code], [400, 'invalid_request']);
      assert.match(answer.message, /too deep/);
    }
  });

  test('a form of more than a few fields is too large', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const { status, body } = await service.client.send('/webhooks', {
      ...init,
      body: 'a=1&'.repeat(100_000),
    });
    assert.deepEqual([status, body.code], [413, 'too_large']);
  });

  test('a thousand events with long titles are accepted', async () => {
    const { id } = (await service.client.expect(200, 'GET', '/user/me')).data.user;
    const event = (n: number) => ({
      type: 'file.received',
      event_id: `event-${n}`,
      media_id: `media-${n}`,
      media_type: 'video',
      qualities: '360p,720p,1080p',
      title: 'one, two, three, '.repeat(12),
      user_id: id,
    });
    await service.operator.expect(
      202,
      'POST',
      '/events',
      Array.from({ length: 1_000 }, (_, n) => event(n)),
    );
  });
});
