import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Exchange } from '../delivery/attempt/exchange.ts';
import { CLOSED } from '../delivery/scheduling/circuit.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { WebhookCheck } from '../domain/webhook-check.ts';
import type { WebhookStore } from '../storage/contracts/webhooks.ts';
import { CheckLimits } from './check-limits.ts';
import { MASK } from './headers.ts';
import { Webhooks } from './webhooks.ts';

const NOW = 1_767_225_600_000;
const USER = 'an-account';
const ID = 'a-webhook';

const WEBHOOK: Webhook = {
  id: ID,
  userId: USER,
  name: 'my server',
  url: 'https://example.com/hooks',
  events: ['encoding.finished'],
  secret: 'whsec_c2VjcmV0',
  signature: 'hmac',
  privateKey: null,
  previousKeys: null,
  headers: { Authorization: 'Bearer 1' },
  createdAt: NOW,
  updatedAt: NOW,
  lastTriggeredAt: null,
  pausedAt: null,
  pauseReason: null,
  failingSince: null,
  lastError: null,
  retrySchedule: 'default',
  maxInFlight: null,
};

const ACKNOWLEDGED: Exchange = {
  status: 204,
  response: '',
  error: null,
  failure: null,
  ownCause: null,
  retryAfter: null,
  durationMs: 3,
  isInterrupted: false,
};

interface Options {
  /** Answer of each changing method of the store. */
  readonly answer?: () => unknown;
  readonly urlRefusal?: string | null;
  readonly exchange?: Exchange;
}

/** Use cases on fakes that log each call, once it has happened: a store's call happens a turn after it was made. */
function build({ answer = () => WEBHOOK, urlRefusal = null, exchange = ACKNOWLEDGED }: Options = {}) {
  const calls: string[] = [];
  const given: unknown[][] = [];
  const changing =
    (name: string) =>
    async (...args: unknown[]) => {
      await turn();
      const answered = answer();
      calls.push(`store.${name}`);
      given.push(args);
      return answered;
    };
  const notified = (name: string) => (id: string) => void calls.push(`${name} ${id}`);
  const names = ['create', 'update', 'rotateKeys', 'pause', 'resume', 'delete', 'addCheck'] as const;
  const store = {
    ...Object.fromEntries(names.map((name) => [name, changing(name)])),
    find: async (_userId: string, id: string) => (id === ID ? WEBHOOK : null),
  } as unknown as WebhookStore;
  const posts: { url: string; headers: Record<string, string>; body: string }[] = [];
  const webhooks = new Webhooks({
    store,
    dispatcher: {
      reloadWebhook: notified('reloadWebhook'),
      pauseWebhook: notified('pauseWebhook'),
      resumeWebhook: notified('resumeWebhook'),
      removeWebhook: notified('removeWebhook'),
      circuits: { counts: { open: 0, halfOpen: 0 }, of: () => CLOSED },
    },
    cancellations: { webhookDeleted: () => notified('webhookDeleted')(ID) },
    egress: { urlRefusal: async () => urlRefusal },
    sender: {
      post: async (url, headers, body) => {
        posts.push({ url, headers: { ...headers }, body });
        return exchange;
      },
    },
    limits: new CheckLimits({ reserveRequest: () => () => undefined, onRefused: () => undefined }),
    mostPerAccount: 5,
    now: () => NOW,
    clock: { toWall: (at) => at },
  });
  return { webhooks, calls, given, posts };
}

const CHANGES: readonly [
  method: string,
  notice: string[],
  change: (webhooks: Webhooks) => Promise<unknown>,
][] = [
  ['update', ['reloadWebhook'], (webhooks) => webhooks.update(USER, ID, { maxInFlight: 2 }, COMMAND_LINE)],
  ['rotateKeys', ['reloadWebhook'], (webhooks) => webhooks.rotateKeys(USER, ID, 1_000, COMMAND_LINE)],
  ['pause', ['pauseWebhook'], (webhooks) => webhooks.pause(USER, ID, COMMAND_LINE)],
  ['resume', ['resumeWebhook'], (webhooks) => webhooks.resume(USER, ID, COMMAND_LINE)],
  ['delete', ['removeWebhook', 'webhookDeleted'], (webhooks) => webhooks.remove(USER, ID, COMMAND_LINE)],
];

test('a change is stored with who makes it and when, and then the dispatcher is notified', async () => {
  for (const [method, notice, change] of CHANGES) {
    const { webhooks, calls, given } = build();
    await change(webhooks);
    assert.deepEqual(calls, [`store.${method}`, ...notice.map((name) => `${name} ${ID}`)]);
    assert.deepEqual(given[0]?.at(-1), { at: NOW, by: COMMAND_LINE });
  }
});

test('the dispatcher is not notified of a change that the storage refuses', async () => {
  for (const [, , change] of CHANGES) {
    const { webhooks, calls } = build({
      answer: () => {
        throw new ServiceError('storage_full', 'the disk is full');
      },
    });
    await assert.rejects(change(webhooks), { code: 'storage_full' });
    assert.deepEqual(calls, []);
  }
});

test('a webhook that was removed meanwhile is not found, and the dispatcher is not notified', async () => {
  for (const [method, , change] of CHANGES) {
    const { webhooks, calls } = build({ answer: () => null });
    await assert.rejects(change(webhooks), { code: 'not_found', message: 'webhook not found' });
    assert.deepEqual(calls, [`store.${method}`]);
  }
});

test('only changes that deliveries in memory must follow reload the webhook', async () => {
  for (const [changes, reloads] of [
    [{ name: 'another' }, false],
    [{ events: { 'file.received': true } }, false],
    [{ url: 'https://example.com/other' }, true],
    [{ retrySchedule: [1_000] }, true],
    [{ maxInFlight: null }, true],
    [{ signature: 'both' }, true],
    [{ headers: {} }, true],
  ] as const) {
    const { webhooks, calls } = build();
    await webhooks.update(USER, ID, changes, COMMAND_LINE);
    const expected = reloads ? ['store.update', `reloadWebhook ${ID}`] : ['store.update'];
    assert.deepEqual(calls, expected, JSON.stringify(changes));
  }
});

test('a change stores only the fields that it names', async () => {
  const { webhooks, given } = build();
  await webhooks.update(USER, ID, { name: 'another' }, COMMAND_LINE);
  await webhooks.update(USER, ID, { events: { 'file.received': true } }, COMMAND_LINE);
  await webhooks.update(USER, ID, { headers: { authorization: MASK, 'X-Id': '7' } }, COMMAND_LINE);
  assert.deepEqual(
    given.map(([, , changes]) => changes),
    [
      { name: 'another' },
      { events: ['file.received', 'encoding.finished'] },
      { headers: { authorization: 'Bearer 1', 'X-Id': '7' } },
    ],
  );
});

test('at least one event stays on', async () => {
  const { webhooks, calls } = build();
  const allOff = { events: { 'encoding.finished': false } };
  await assert.rejects(webhooks.update(USER, ID, allOff, COMMAND_LINE), { code: 'invalid_request' });
  const url = WEBHOOK.url;
  await assert.rejects(webhooks.create(USER, { url }, COMMAND_LINE), { code: 'invalid_request' });
  assert.deepEqual(calls, []);
});

test('a new webhook is stored within the limit of its account, and nobody is notified', async () => {
  const { webhooks, calls, given } = build();
  const wanted = { url: 'https://example.com/a#top', name: ' ', events: { 'file.received': true } };
  const webhook = await webhooks.create(USER, { ...wanted, signature: 'both' }, COMMAND_LINE);
  assert.deepEqual(calls, ['store.create']);
  assert.deepEqual(given, [[webhook, 5, COMMAND_LINE]]);
  const { name, url, events, secret, privateKey, createdAt } = webhook;
  assert.deepEqual(
    [name, url, events, createdAt],
    ['Webhook', 'https://example.com/a', ['file.received'], NOW],
  );
  assert.match(secret, /^whsec_/);
  assert.match(privateKey ?? '', /^whsk_/);
});

test('a URL that may not be reached is not stored', async () => {
  const { webhooks, calls } = build({ urlRefusal: 'the address 10.0.0.1 is private' });
  const url = 'https://10.0.0.1/';
  const wanted = { url, events: { 'file.received': true } };
  await assert.rejects(webhooks.create(USER, wanted, COMMAND_LINE), { code: 'url_not_allowed' });
  await assert.rejects(webhooks.update(USER, ID, { url }, COMMAND_LINE), { code: 'url_not_allowed' });
  assert.deepEqual(calls, []);
});

test('old signing keys stay in use for the overlap, or end at once without one', async () => {
  for (const [overlapMs, previousUntil] of [
    [1_000, NOW + 1_000],
    [0, null],
  ] as const) {
    const { webhooks, given } = build();
    await webhooks.rotateKeys(USER, ID, overlapMs, COMMAND_LINE);
    const [rotated] = given.map(([, , keys]) => keys as { previousUntil: number | null });
    assert.equal(rotated?.previousUntil, previousUntil);
  }
});

test('a check sends a signed and marked sample of an event that the webhook wants, and is stored', async () => {
  const { webhooks, calls, given, posts } = build();
  const check = await webhooks.check(USER, ID);
  const [post] = posts;
  assert.deepEqual([check.status, check.error, check.url], [204, null, WEBHOOK.url]);
  assert.equal(check.eventId, post?.headers['webhook-id']);
  assert.equal(post?.headers['webhook-test'], 'true');
  assert.deepEqual([check.headers['webhook-test'], check.headers.Authorization], ['true', '********']);
  assert.deepEqual(given, [[USER, ID, check]]);
  assert.equal(post?.url, WEBHOOK.url);
  assert.equal(post?.headers.Authorization, 'Bearer 1');
  assert.match(post?.headers['webhook-signature'] ?? '', /^v1,/);
  assert.equal(JSON.parse(post?.body ?? '').type, 'encoding.finished');
  assert.deepEqual(calls, ['store.addCheck']);
  await webhooks.check(USER, ID, 'file.received');
  assert.equal(JSON.parse(posts[1]?.body ?? '').type, 'file.received');
});

test('a check fails with what the receiver answered', async () => {
  const exchange = { ...ACKNOWLEDGED, status: 500, response: 'broken' };
  const { webhooks, given } = build({ exchange });
  await assert.rejects(webhooks.check(USER, ID), {
    code: 'receiver_failed',
    message: 'the receiver answered 500, after 3 ms; its answer begins: broken',
  });
  const [[, , check] = []] = given as [string, string, WebhookCheck][];
  assert.equal(check?.error, 'the receiver answered 500');
  await assert.rejects(webhooks.check(USER, 'another'), { code: 'not_found' });
});
