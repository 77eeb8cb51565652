import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ALL_EVENTS, basicHeaders } from '../../support/service/api-client.ts';
import { scrape } from '../../support/service/metrics.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const started: TestService[] = [];
after(async () => {
  for (const service of started) await service.stop();
});

/** A rate so low that no token returns while a test runs. */
const FIVE = '0.001:5';

async function start(settings: Record<string, string>): Promise<TestService> {
  const service = await startTestService(settings);
  started.push(service);
  return service;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what tests expect of it is asserted, not typed
  readonly body: any;
}

async function ask(service: TestService, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(service.service.url + path, { method, headers });
  return { status: response.status, headers: response.headers, body: await response.json() } as Answer;
}

async function statuses(count: number, call: (n: number) => Promise<{ status: number }>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n += 1) all.push((await call(n)).status);
  return all;
}

const refusedBy = async ({ service }: TestService, limit: string) =>
  (await scrape(service.url)).get(`mediahooks_requests_refused_total{limit="${limit}"}`);

describe('an account', () => {
  test('has a limit of its own, and gets told about it', async () => {
    const service = await start({ MEDIAHOOKS_RATE_LIMIT_ACCOUNT: FIVE });
    const mine = () => ask(service, '/api/webhooks', service.client.headers);
    const first = await mine();
    assert.equal(first.headers.get('ratelimit-policy'), '"account";q=5;w=5000');
    assert.equal(first.headers.get('ratelimit'), '"account";r=4;t=1000');
    assert.deepEqual(await statuses(6, mine), [200, 200, 200, 200, 429, 429]);
    const refused = await mine();
    assert.equal(refused.body.code, 'rate_limited');
    assert.match(
      refused.body.message,
      /^too many requests of this account: the limit is 0.001 per second and 5 at once; retry in \d+ s$/,
    );
    assert.ok(Number(refused.headers.get('retry-after')) > 900);
    assert.match(refused.headers.get('ratelimit') ?? '', /^"account";r=0;t=\d+$/);
    assert.equal(refused.headers.get('content-type'), 'application/json');
    const { client: other } = await service.newAccount();
    assert.equal((await other.call('GET', '/webhooks')).status, 200);
    assert.equal(await refusedBy(service, 'account'), 3);
  });

  test('of an operator publishes without a limit, from one address', async () => {
    const service = await start({ MEDIAHOOKS_RATE_LIMIT_ACCOUNT: FIVE, MEDIAHOOKS_RATE_LIMIT_ADDRESS: FIVE });
    const event = {
      type: 'encoding.finished',
      event_id: 'repeated',
      media_id: 'm',
      user_id: service.client.credentials.userId,
    };
    const publish = () => service.operator.call('POST', '/events', event);
    assert.deepEqual(new Set(await statuses(20, publish)), new Set([202]));
    // An account that is no operator's is limited on the same route.
    const others = await statuses(6, () => service.client.call('POST', '/events', event));
    assert.deepEqual(others.slice(-2), [429, 429]);
  });

  test('counts the parts of uploads', async () => {
    const service = await start({ MEDIAHOOKS_RATE_LIMIT_ACCOUNT: FIVE });
    const { id } = await service.client.createMedia();
    const bytes = new Uint8Array(10);
    assert.deepEqual(
      await statuses(5, () => service.client.uploadPart(id, { bytes })),
      [200, 200, 200, 200, 429],
    );
  });
});

describe('an address', () => {
  test('has a limit for all routes; probes have none', async () => {
    const service = await start({ MEDIAHOOKS_RATE_LIMIT_ADDRESS: FIVE });
    assert.deepEqual(await statuses(4, () => ask(service, '/api/nothing')), [404, 404, 404, 404]);
    assert.deepEqual(await statuses(3, () => ask(service, '/api/openapi.json')), [200, 429, 429]);
    assert.equal((await service.client.call('GET', '/user/me')).status, 429);
    assert.deepEqual(await statuses(10, () => ask(service, '/healthz')), Array(10).fill(200));
    assert.equal(await refusedBy(service, 'address'), 3);
  });

  test('is not read from the headers of an untrusted peer', async () => {
    const service = await start({ MEDIAHOOKS_RATE_LIMIT_ADDRESS: FIVE });
    const from = (n: number) => ask(service, '/api/openapi.json', { 'x-forwarded-for': `198.51.100.${n}` });
    assert.deepEqual(await statuses(6, from), [200, 200, 200, 200, 200, 429]);
  });

  test('is read from the headers of a trusted proxy; IPv6 counts by /64, and headers from before the proxy are ignored', async () => {
    const service = await start({ MEDIAHOOKS_RATE_LIMIT_ADDRESS: FIVE, MEDIAHOOKS_TRUST_PROXY: '127.0.0.1' });
    const from = (address: string) => ask(service, '/api/openapi.json', { 'x-forwarded-for': address });
    assert.deepEqual(await statuses(6, () => from('198.51.100.1')), [200, 200, 200, 200, 200, 429]);
    assert.equal((await from('198.51.100.2')).status, 200);
    assert.equal((await from('198.51.100.9, 198.51.100.1')).status, 429);
    assert.deepEqual(await statuses(6, (n) => from(`2001:db8::${n}`)), [200, 200, 200, 200, 200, 429]);
    assert.equal((await from('2001:db8:0:1::1')).status, 200);
  });
});

describe('guesses from an address', () => {
  const settings = { MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: FIVE };

  test('are refused after a few, the right one included; a credential known to be valid continues to work', async () => {
    const service = await start(settings);
    assert.equal((await service.client.call('GET', '/user/me')).status, 200);
    const { publicKey } = service.client.credentials;
    const guess = (n: number) => ask(service, '/api/user/me', basicHeaders(publicKey, `guess ${n}`));
    assert.deepEqual(await statuses(7, guess), [401, 401, 401, 401, 401, 429, 429]);
    assert.equal((await service.client.call('GET', '/user/me')).status, 200);
    // The credential is valid but not known to be, and the answer does not tell whether a guess would have been
    // right.
    assert.equal((await service.operator.call('GET', '/user/me')).status, 429);
    assert.equal((await ask(service, '/api/user/me')).status, 429);
    assert.equal((await ask(service, '/api/openapi.json')).status, 200);
    assert.equal((await ask(service, '/healthz')).status, 200);
    assert.equal(await refusedBy(service, 'unauthorized'), 4);
  });

  test('made at the same time are not more', async () => {
    const service = await start(settings);
    const guesses = Array.from({ length: 40 }, (_, n) =>
      ask(service, '/api/user/me', { authorization: `Bearer guess-${n}` }),
    );
    const answers = await Promise.all(guesses);
    assert.equal(answers.filter(({ status }) => status === 401).length, 5);
    assert.equal(answers.filter(({ status }) => status === 429).length, 35);
  });

  test('are not counted for a valid client that begins with many requests at once', async () => {
    const service = await start(settings);
    const calls = Array.from({ length: 40 }, () => service.client.call('GET', '/user/me'));
    for (const { status } of await Promise.all(calls)) assert.equal(status, 200);
    assert.deepEqual(await statuses(5, () => ask(service, '/api/user/me')), Array(5).fill(401));
  });

  test('for the metrics token count, too', async () => {
    const token = 'a-token-of-the-metrics';
    const service = await start({ ...settings, MEDIAHOOKS_METRICS_TOKEN: token });
    const scraped = async (given: string) => {
      const response = await fetch(`${service.service.url}/metrics`, {
        headers: { authorization: `Bearer ${given}` },
      });
      await response.body?.cancel();
      return { status: response.status };
    };
    assert.deepEqual(await statuses(3, () => scraped(token)), [200, 200, 200]);
    assert.deepEqual(await statuses(6, (n) => scraped(`guess-${n}`)), [401, 401, 401, 401, 401, 429]);
  });

  test('on a public route count, too', async () => {
    const service = await start(settings);
    const { id } = await service.client.createMedia();
    const asset = (n: number) => ask(service, `/assets/${id}/source`, { authorization: `Bearer guess-${n}` });
    // An old token that a player sends with every request counts as one guess.
    assert.deepEqual(new Set(await statuses(20, () => asset(0))), new Set([404]));
    assert.deepEqual(await statuses(6, asset), [404, 404, 404, 404, 404, 429]);
  });
});

test('by default, honest clients are not limited', async () => {
  const service = await start({});
  const calls = Array.from({ length: 300 }, () => service.client.call('GET', '/webhooks'));
  for (const { status } of await Promise.all(calls)) assert.equal(status, 200);
  await service.client.createWebhook('https://example.com/', ALL_EVENTS);
});
