import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import {
  AUDITED_ROUTES,
  type AuditedWorld,
  callOfAbsent,
  HEADER_VALUE,
  OTHER_PASSWORD,
  PASSWORD,
} from '../../support/access-matrix/audited-routes.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Name of a route, such as `PATCH /api/media/{id}`. */
const changing = new Set<string>();
let service: TestService;
let receiver: Receiver;
let world: AuditedWorld;

before(async () => {
  receiver = await Receiver.start();
  subscribe('fastify.initialization', watchRoutes);
  service = await startTestService({ MEDIAHOOKS_MAX_WEBHOOKS: '0' });
  unsubscribe('fastify.initialization', watchRoutes);
  const { client, operator } = service;
  const { user } = (await client.expect(200, 'GET', '/user/me')).data;
  await operator.expect(200, 'PATCH', `/accounts/${user.id}`, { password: PASSWORD });
  const args = ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:size=64x36', '-frames:v', '1'];
  const { stdout: picture } = await promisify(execFile)(
    'ffmpeg',
    [...args, '-c:v', 'png', '-f', 'image2pipe', '-'],
    { encoding: 'buffer' },
  );
  const { url } = service.service;
  world = { client, operator, url, email: user.email, receiverUrl: receiver.url, picture };
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

/** Returns all records of one request. */
async function recordsOf(operator: ApiClient, requestId: string) {
  const all = (await operator.expect(200, 'GET', '/audit?scope=all&limit=100')).data.audit_records;
  return all.filter((record: { request_id: string }) => record.request_id === requestId);
}

/** Reads the routes from the router itself: those that change something by their method, or declare that they do. */
function watchRoutes(message: unknown): void {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) {
      if (!READING.has(one) || config?.writes) changing.add(`${one} ${url.replace(/:(\w+)/g, '{$1}')}`);
    }
  });
}

test('the table has every route that changes something, and no other', async () => {
  assert.deepEqual(Object.keys(AUDITED_ROUTES).toSorted(), [...changing].toSorted());
});

for (const [route, { records, call, credential = 'api_key' }] of Object.entries(AUDITED_ROUTES)) {
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
      assert.equal(record.credential, credential);
      assert.ok(Math.abs(Date.parse(record.created_at) - Date.now()) < 60_000);
    }
  });

  if (!route.includes('{id}')) continue;
  test(`${route} of what is not there records nothing`, async () => {
    const requestId = randomUUID();
    const answer = await callOfAbsent(world, route, randomUUID(), { 'x-request-id': requestId });
    assertRefusal(answer, 'not_found');
    assert.deepEqual(await recordsOf(world.operator, requestId), []);
  });
}

test('names of changed fields are recorded, and never their values', async () => {
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
