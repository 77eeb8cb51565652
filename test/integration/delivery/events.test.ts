import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import type { ApiAnswer, ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let receiver: Receiver;
let client: ApiClient;
let userId: string;

before(async () => {
  service = await startTestService();
  receiver = await Receiver.start();
  client = service.client;
  userId = client.credentials.userId;
  receiver.trust((await client.createWebhook(receiver.url)).secret);
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

/** A valid event of a media of its own. */
function event(fields: Record<string, unknown> = {}) {
  return {
    type: 'encoding.finished',
    event_id: randomUUID(),
    media_id: randomUUID(),
    qualities: '360p,720p',
    title: 'Ferien',
    user_id: userId,
    ...fields,
  };
}

function publish(body: unknown): Promise<ApiAnswer> {
  return service.operator.call('POST', '/events', body);
}

async function accept(body: unknown, accepted: number, warnings?: unknown[]): Promise<void> {
  const answer = await publish(body);
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  assert.deepEqual(answer.body, { status: 'success', data: { accepted }, ...(warnings && { warnings }) });
}

async function delivered(mediaId: string) {
  await receiver.until(() => receiver.types(mediaId).length > 0);
  return receiver.received.find((received) => received.event.media_id === mediaId) ?? assert.fail();
}

test('one event is delivered signed, with exactly the fields of the contract', async () => {
  const input = event({ emitted_at: '2026-01-02T03:04:05.678+01:00', media_type: 'live-stream', extra: 1 });
  const unknown = { field: 'extra', message: 'is not known, and was ignored' };
  await accept(input, 1, [unknown]);
  const { body, verified, id } = await delivered(input.media_id);
  assert.ok(verified);
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(
    body,
    JSON.stringify({
      type: 'encoding.finished',
      emitted_at: '2026-01-02T02:04:05.678Z',
      media_id: input.media_id,
      media_type: 'live-stream',
      qualities: '360p,720p',
      title: 'Ferien',
      status: 'done',
      user_id: userId,
    }),
  );
});

test('a title that was cut within an emoji arrives as Unicode', async () => {
  const input = event({ title: 'clip 😀'.slice(0, 6) });
  await accept(input, 1);
  const { body, event: sent, verified } = await delivered(input.media_id);
  assert.ok(verified);
  assert.equal(sent.title, 'clip \ufffd');
  assert.ok(!body.includes('\\ud83d'));
});

test('fields that are left out have defaults, and the status follows from the type', async () => {
  const since = Date.now();
  for (const [type, status] of [
    ['file.received', 'new'],
    ['encoding.started', 'transcoding'],
    ['partial.finished', 'transcoding'],
    ['encoding.finished', 'done'],
    ['encoding.failed', 'fail'],
  ]) {
    const input = { type, event_id: randomUUID(), media_id: randomUUID(), user_id: userId };
    await accept(input, 1);
    const { emitted_at, ...rest } = (await delivered(input.media_id)).event;
    const defaults = { media_type: 'video', qualities: '', title: '' };
    assert.deepEqual(rest, { type, media_id: input.media_id, ...defaults, status, user_id: userId });
    const at = Date.parse(String(emitted_at));
    assert.ok(at >= since && at <= Date.now());
    await accept(event({ type, status }), 1);
  }
});

test('blanks around names of qualities are ignored, and an account id in capitals is the same', async () => {
  for (const [qualities, sent] of [
    [' 720p , 1080p', '720p,1080p'],
    [' ', ''],
  ] as const) {
    const input = event({ qualities, user_id: userId.toUpperCase() });
    await accept(input, 1);
    const { event: body } = await delivered(input.media_id);
    assert.deepEqual([body.qualities, body.user_id], [sent, userId]);
  }
});

test('up to a thousand events are accepted at once, in order within a media', async () => {
  const one = event();
  await accept([one], 1);
  await delivered(one.media_id);
  const mediaIds = Array.from({ length: 200 }, () => randomUUID());
  const types = [
    'file.received',
    'encoding.started',
    'partial.finished',
    'partial.finished',
    'encoding.finished',
  ];
  const many = types.flatMap((type) => mediaIds.map((media_id) => event({ type, media_id })));
  await accept(many, 1000);
  const ids = new Set<string>(mediaIds);
  const ofThese = () => receiver.received.filter((received) => ids.has(received.event.media_id));
  await receiver.until(() => ofThese().length >= 1000);
  for (const mediaId of mediaIds) assert.deepEqual(receiver.types(mediaId), types);
  assert.ok(ofThese().every(({ verified }) => verified));
});

test('an empty list, and more than a thousand events, are refused', async () => {
  assertRefusal(await publish([]), 'invalid_request', ['body']);
  const many = Array.from({ length: 1001 }, () => event());
  assertRefusal(await publish(many), 'invalid_request', ['body']);
  for (const body of [undefined, 'null', '7', '[7]', '{}']) {
    assertRefusal(await publish(body), 'invalid_request');
  }
});

test('a repeat is accepted, and delivered once', async () => {
  const input = event({ event_id: 'job-1' });
  await accept(input, 1);
  await accept(input, 1);
  await accept([input, event(), { ...input, title: 'changed' }], 3);
  await Promise.all([accept(input, 1), accept([input, input], 2)]);
  const { client: other, credentials } = await service.newAccount();
  await other.createWebhook(receiver.url);
  const theirs = event({ event_id: 'job-1', user_id: credentials.userId });
  await accept(theirs, 1);
  await delivered(theirs.media_id);
  const last = event({ media_id: input.media_id });
  await accept(last, 1);
  await receiver.until(() => receiver.types(input.media_id).length >= 2);
  assert.deepEqual(receiver.types(input.media_id), ['encoding.finished', 'encoding.finished']);
});

test('one invalid item is named, and nothing of its batch is accepted', async () => {
  const good = event();
  const after = event({ media_id: good.media_id, title: 'after' });
  for (const [fields, ...named] of [
    [{ type: 'encoding.done' }, 'type'],
    [{ type: undefined }, 'type'],
    [{ event_id: undefined }, 'event_id'],
    [{ event_id: '' }, 'event_id'],
    [{ event_id: 'x'.repeat(256) }, 'event_id'],
    [{ media_id: 7 }, 'media_id'],
    [{ media_type: 'picture' }, 'media_type'],
    [{ emitted_at: 'yesterday' }, 'emitted_at'],
    [{ emitted_at: '2026-01-02T03:04:05' }, 'emitted_at'],
    [{ emitted_at: '2016-12-31T23:59:60Z' }, 'emitted_at'],
    [{ qualities: ['360p'] }, 'qualities'],
    [{ qualities: '720p, 1080p,,' }, 'qualities'],
    [{ qualities: ',720p' }, 'qualities'],
    [{ title: 't'.repeat(256) }, 'title'],
    [{ status: 'new' }, 'status'],
    [{ user_id: 'nobody' }, 'user_id'],
    [{ user_id: randomUUID() }, 'user_id'],
    [{ user_id: randomUUID(), status: 'new' }, 'user_id', 'status'],
    [{ type: 7, title: 8 }, 'type', 'title'],
  ] as const) {
    const batch = await publish([good, event(fields), good]);
    assertRefusal(
      batch,
      'invalid_request',
      named.map((name) => `[1].${name}`),
    );
    assertRefusal(await publish(event(fields)), 'invalid_request', [...named]);
  }
  await accept(after, 1);
  assert.equal((await delivered(good.media_id)).event.title, 'after');
});
