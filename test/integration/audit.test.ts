import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { ApiClient } from '../support/api-client.ts';
import {
  AUDITED_ROUTES,
  type AuditedWorld,
  HEADER_VALUE,
  OTHER_PASSWORD,
  PASSWORD,
} from '../support/audited-routes.ts';
import { Receiver } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';

const READING = new Set(['get', 'head', 'options']);

let service: TestService;
let receiver: Receiver;
let world: AuditedWorld;

before(async () => {
  receiver = await Receiver.start();
  service = await startTestService({ MEDIAHOOKS_MAX_WEBHOOKS: '0' });
  const { client, operator } = service;
  const { user } = (await client.expect(200, 'GET', '/user/me')).data;
  await operator.expect(200, 'PATCH', `/accounts/${user.id}`, { password: PASSWORD });
  const args = ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:size=64x36', '-frames:v', '1'];
  const { stdout: picture } = await promisify(execFile)(
    'ffmpeg',
    [...args, '-c:v', 'png', '-f', 'image2pipe', '-'],
    { encoding: 'buffer' },
  );
  world = { client, operator, email: user.email, receiverUrl: receiver.url, picture };
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

/** All that is on record of one request. */
async function recordsOf(operator: ApiClient, requestId: string) {
  const all = (await operator.expect(200, 'GET', '/audit?scope=all&limit=100')).data.audit_records;
  return all.filter((record: { request_id: string }) => record.request_id === requestId);
}

test('the table has every route that changes something, and no other', async () => {
  const { paths } = await service.client.expect(200, 'GET', '/openapi.json');
  const changing = Object.entries<Record<string, unknown>>(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => !READING.has(method) && path.startsWith('/api/'))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(Object.keys(AUDITED_ROUTES).toSorted(), changing.toSorted());
});

for (const [route, { records, call }] of Object.entries(AUDITED_ROUTES)) {
  const what = typeof records === 'string' ? `nothing: ${records}` : records.join(', ');
  test(`${route} records ${what}`, async () => {
    const requestId = randomUUID();
    const answer = await call(world, { 'x-request-id': requestId });
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    const found = await recordsOf(world.operator, requestId);
    const actions = found.map(({ action }: { action: string }) => action).toSorted();
    assert.deepEqual(actions, typeof records === 'string' ? [] : [...records].toSorted());
    const { userId } = (route.includes('/accounts') ? world.operator : world.client).credentials;
    for (const record of found) {
      assert.deepEqual([record.actor_id, record.address], [userId, '127.0.0.1']);
      assert.equal(record.credential, route.endsWith('/login') ? 'password' : 'api_key');
      assert.ok(Math.abs(Date.parse(record.created_at) - Date.now()) < 60_000);
    }
  });

  if (!route.includes('{id}')) continue;
  test(`${route} of what is not there records nothing`, async () => {
    const [method = '', path = ''] = route.split(' ');
    const requestId = randomUUID();
    const body =
      method === 'DELETE' ? undefined : { api_key_name: 'a', title: 'a', name: 'a', since: new Date(0) };
    const { status } = await world.operator.call(
      method,
      path.replace('/api', '').replace('{id}', randomUUID()),
      body,
      { 'x-request-id': requestId },
    );
    assert.ok(status >= 400 && status < 500, String(status));
    assert.deepEqual(await recordsOf(world.operator, requestId), []);
  });
}

test('names of changed fields are told, and nothing that they hold', async () => {
  const { data } = await world.operator.expect(200, 'GET', '/audit?scope=all&limit=100');
  assert.ok(data.total > 30 && data.total <= 100, String(data.total));
  const changed = new Map(
    data.audit_records.map((record: { action: string; changed_fields: string[] }) => [
      record.action,
      record.changed_fields,
    ]),
  );
  assert.deepEqual(changed.get('webhook.updated'), ['url', 'max_in_flight', 'headers']);
  assert.deepEqual(changed.get('media.updated'), ['is_public']);
  assert.deepEqual(changed.get('account.updated'), ['first_name']);
  assert.deepEqual(changed.get('account.password_set'), []);
  const text = JSON.stringify(data);
  const { secretKey } = world.client.credentials;
  for (const value of [PASSWORD, OTHER_PASSWORD, HEADER_VALUE, 'once=', 'whsec_', secretKey.slice(0, 8)])
    assert.ok(!text.includes(value), value);
});
