import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deliveryHeaders } from '../../src/delivery/attempt/make-attempt.ts';
import { Sender } from '../../src/delivery/attempt/sender.ts';
import { newSigningSecret } from '../../src/delivery/attempt/signature.ts';
import { EgressPolicy } from '../../src/delivery/egress/policy.ts';
import { downloadPath, fetchInto, Missing } from '../support/docs/downloads.ts';
import {
  LANGUAGES,
  prepareSample,
  RunningSample,
  type SampleLanguage,
} from '../support/docs/receiver-samples.ts';
import { publishedEvent } from '../support/service/published-events.ts';
import { startTestService } from '../support/service/service.ts';

const MINUTE_MS = 60_000;
const secret = newSigningSecret();

/** Returns an event as the service emits it, of a media of its own. */
function eventOf(media: string) {
  const body = JSON.stringify({ type: 'file.received', media_id: media, title: 'Grüße, 世界 🎬' });
  return { id: `id-of-${media}`, body };
}

type Change = (headers: Record<string, string>, body: string) => { headers: object; body: string };

/** Messages that a receiver must refuse, by name. Each is a valid message with one fault. */
const BAD_MESSAGES: Record<string, { at?: number; secret?: string; body?: string; change?: Change }> = {
  'of another secret': { secret: newSigningSecret() },
  'of six minutes ago': { at: -6 * MINUTE_MS },
  'of six minutes from now': { at: 6 * MINUTE_MS },
  'with a changed body': {
    change: (headers, body) => ({ headers, body: body.replace('received', 'deceived') }),
  },
  'with another id': { change: (headers, body) => ({ headers: { ...headers, 'webhook-id': 'x' }, body }) },
  'with a newer timestamp': {
    at: -6 * MINUTE_MS,
    change: (headers, body) => ({ headers: { ...headers, 'webhook-timestamp': seconds() }, body }),
  },
  'without an id': { change: without('webhook-id') },
  'without a timestamp': { change: without('webhook-timestamp') },
  'without a signature': { change: without('webhook-signature') },
  'with a malformed signature': { change: withSignature(() => 'v1') },
  'with half a signature': { change: withSignature((signature) => signature.slice(0, -9)) },
  'with a signature of a version that is not known': {
    change: withSignature((signature) => signature.replace('v1,', 'v9,')),
  },
  'without a body': { change: (headers) => ({ headers, body: '' }) },
};

function seconds(): string {
  return String(Math.floor(Date.now() / 1000));
}

function without(name: string): Change {
  return (headers, body) => ({
    headers: Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name)),
    body,
  });
}

function withSignature(change: (signature: string) => string): Change {
  return (headers, body) => ({
    headers: { ...headers, 'webhook-signature': change(headers['webhook-signature'] ?? '') },
    body,
  });
}

/** Returns a function that sends as the service does, to the running sample. */
function openSender(t: TestContext) {
  const sender = new Sender({ egress: new EgressPolicy(['127.0.0.1/32']), timeoutMs: 10_000 });
  t.after(() => sender.close());
  return async (
    url: string,
    media: string,
    bad: (typeof BAD_MESSAGES)[string] = {},
  ): Promise<number | null> => {
    const event = { ...eventOf(media), ...(bad.body !== undefined && { body: bad.body }) };
    const headers = deliveryHeaders(
      { ...event, at: Date.now() + (bad.at ?? 0) },
      { secret: bad.secret ?? secret },
    );
    const sent = bad.change?.(headers, event.body) ?? { headers, body: event.body };
    const { status, error } = await sender.post(url, sent.headers as Record<string, string>, sent.body);
    assert.equal(error, null);
    return status;
  };
}

/**
 * Prepares a language's sample, which may then be started more than once; `null`, and the test is skipped, if this
 * machine can't run it.
 */
async function setUp(t: TestContext, language: SampleLanguage) {
  const prepared = await prepareSample(language);
  if ('missing' in prepared) {
    t.skip(prepared.missing);
    return null;
  }
  const { dir } = prepared;
  const samples: RunningSample[] = [];
  // One hook kills the samples and removes the folder, because a running sample makes files in it.
  t.after(async () => {
    for (const sample of samples) await sample.kill();
    await rm(dir, { recursive: true });
  });
  const start = async (trusted = secret) => {
    const sample = await RunningSample.start(language, dir, trusted);
    samples.push(sample);
    return sample;
  };
  return { start, finishWork: () => writeFile(join(dir, 'go'), '') };
}

for (const language of LANGUAGES) {
  test(`the receiver in ${language.name} takes what is ours, once, and nothing else`, async (t) => {
    const prepared = await setUp(t, language);
    if (!prepared) return;
    const { start, finishWork } = prepared;
    const post = openSender(t);
    let sample = await start();

    // Some libraries refuse what is no JSON, and with others, the worker must go on to the next message.
    const broken = await post(sample.url, 'broken', { body: '{"type":' });
    assert.ok(broken === 204 || broken === 400, `what is no JSON got ${broken}`);

    // The work on the first event does not end before the file `go` exists; the answers come without it.
    assert.equal(await post(sample.url, 'first'), 204);
    await sample.untilPrinted('begins', 'first');
    assert.equal(await post(sample.url, 'first'), 204);

    for (const [what, bad] of Object.entries(BAD_MESSAGES)) {
      const status = await post(sample.url, 'bad', bad);
      assert.ok(status !== null && status >= 400 && status < 500, `a message ${what} got ${status}`);
    }

    await sample.kill();
    sample = await start();
    await finishWork();
    // While a secret is rotated there are two signatures, and that of the old secret may be the second.
    const twice = withSignature((signature) => `v1,${'A'.repeat(43)}= v1a,AAAA ${signature}`);
    assert.equal(await post(sample.url, 'second', { change: twice }), 204);
    await sample.untilPrinted('ends', 'second');
    assert.deepEqual(sample.printed('ends'), ['first', 'second']);
  });
}

test('the service delivers to a receiver that is written as the document says', async (t) => {
  const [language] = LANGUAGES;
  const prepared = language && (await setUp(t, language));
  assert.ok(prepared);
  const service = await startTestService();
  t.after(() => service.stop());
  const { client, operator } = service;

  const webhook = await client.createWebhook('http://127.0.0.1:8/');
  const sample = await prepared.start(webhook.secret);
  await prepared.finishWork();
  await client.expect(200, 'PATCH', `/webhooks/${webhook.id}`, { url: sample.url });
  await client.expect(200, 'POST', `/webhooks/check/${webhook.id}`);
  await operator.expect(202, 'POST', '/events', publishedEvent(client, 'real', 1));
  await sample.untilPrinted('ends', 'real');
});

/** Versions of the framework that the next test runs. findings/receivers.sh runs many more frameworks. */
const HONO = ['hono@4.13.19', '@hono/node-server@2.1.9'];

test('the route for frameworks with a Request takes what is ours, in Hono and called as Next.js calls it', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-route-'));
  t.after(() => rm(dir, { recursive: true }));
  const root = new URL('../../', import.meta.url).pathname;
  const document = await readFile(join(root, 'docs/receiving.md'), 'utf8');
  const [, code = ''] = /```js\n((?:(?!```).)*?export async function POST.*?)```/s.exec(document) ?? [];
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  await writeFile(join(dir, 'route.mjs'), code);
  await writeFile(
    join(dir, 'inbox.mjs'),
    'export const kept = []; export const keep = async (id, body) => kept.push([id, body]);',
  );
  process.env.WEBHOOK_SECRET = secret;
  t.after(() => delete process.env.WEBHOOK_SECRET);
  const { POST } = await import(join(dir, 'route.mjs'));
  const { kept }: { kept: [string, string][] } = await import(join(dir, 'inbox.mjs'));

  const statusIn = async (bad: (typeof BAD_MESSAGES)[string] = {}) => {
    const event = eventOf('first');
    const headers = deliveryHeaders(
      { ...event, at: Date.now() + (bad.at ?? 0) },
      { secret: bad.secret ?? secret },
    );
    const sent = bad.change?.(headers, event.body) ?? { headers, body: event.body };
    const request = { method: 'POST', headers: sent.headers as Record<string, string>, body: sent.body };
    return (await POST(new Request('https://receiver.example/hooks', request))).status;
  };
  assert.equal(await statusIn(), 204);
  for (const [what, bad] of Object.entries(BAD_MESSAGES)) {
    assert.equal(await statusIn(bad), 400, `a message ${what}`);
  }
  const { id, body } = eventOf('first');
  assert.deepEqual(kept, [[id, body]]);

  const place = downloadPath(HONO.join('-').replaceAll('/', '-'));
  try {
    fetchInto(place, [(draft) => ['npm', 'install', '--prefix', draft, '--no-audit', '--no-fund', ...HONO]]);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    t.skip(error.message);
    return;
  }
  const { Hono } = createRequire(join(place, 'package.json'))('hono');
  const { serve } = createRequire(join(place, 'package.json'))('@hono/node-server');
  const app = new Hono();
  app.post('/hooks', (context: { req: { raw: Request } }) => POST(context.req.raw));
  const server: Server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  const post = openSender(t);
  assert.equal(await post(url, 'second'), 204);
  for (const [what, bad] of Object.entries(BAD_MESSAGES)) {
    assert.equal(await post(url, 'bad', bad), 400, `a message ${what}`);
  }
  const second = eventOf('second');
  assert.deepEqual(kept.slice(1), [[second.id, second.body]]);
});

test("the README's lines verify messages of the service, and throw for all others", async (t) => {
  const root = new URL('../../', import.meta.url).pathname;
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, code = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-snippet-'));
  t.after(() => rm(dir, { recursive: true }));
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  await writeFile(join(dir, 'receiver.mjs'), code);
  process.env.WEBHOOK_SECRET = secret;
  t.after(() => delete process.env.WEBHOOK_SECRET);
  const { eventOf: verified } = await import(join(dir, 'receiver.mjs'));

  const event = eventOf('first');
  const good = deliveryHeaders({ ...event, at: Date.now() }, { secret });
  assert.deepEqual(verified(event.body, good), JSON.parse(event.body));
  for (const [what, { at = 0, secret: other = secret, change }] of Object.entries(BAD_MESSAGES)) {
    const headers = deliveryHeaders({ ...event, at: Date.now() + at }, { secret: other });
    const bad = change?.(headers, event.body) ?? { headers, body: event.body };
    assert.throws(() => verified(bad.body, bad.headers), `a message ${what} is taken`);
  }
});
