import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fetchDescription } from '../support/docs/api-description.ts';
import { type Operation, resolvedOperationsIn } from './described-api.ts';
import { type FuzzedService, startFuzzedService } from './fuzzed-service.ts';
import { fuzz } from './fuzzing.ts';
import type { Answer } from './judge.ts';
import { fuzzSeed } from './seed.ts';
import type { Tally } from './tally.ts';
import { World } from './world.ts';

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 20_000);
const SEED = fuzzSeed();

let service: FuzzedService;
let world: World;
let operations: Operation[];

before(async () => {
  service = await startFuzzedService();
  world = await World.create(service);
  operations = resolvedOperationsIn(await fetchDescription(service.url));
});

after(() => service.stop());

/** Changes to answers that a defect would make, with the messages that must report them. */
const PLANTED: readonly [string, (answer: Answer) => Answer][] = [
  ['undocumented status', (answer) => ({ ...answer, status: 418 })],
  ['server error', (answer) => ({ ...answer, status: 500 })],
  ['broken schema', ({ body, ...answer }) => ({ ...answer, body: without('last_name', body) })],
  [
    'undocumented content type',
    (answer) => withHeader(answer, 'content-type', 'application/json; charset=utf-8'),
  ],
  ['missing header', (answer) => withHeader(answer, 'x-request-id', undefined)],
];

test('a defect that is planted in answers of one kind is found, and reported with a request that shows it', async () => {
  for (const [breach, plant] of PLANTED) {
    const tamper = ({ name }: Operation, answer: Answer) =>
      name === 'get /api/user/me' && answer.status === 200 ? plant(answer) : answer;
    const some = operations.filter(({ path }) => path === '/api/user/me' || path === '/api/webhooks/{id}');
    const tally = await fuzz({
      operations: some,
      world,
      serviceUrl: service.url,
      requests: 200,
      seed: SEED,
      tamper,
    });
    assert.deepEqual([...tally.breaches.keys()], ['get /api/user/me'], breach);
    const found = tally.breaches.get('get /api/user/me') ?? '';
    assert.ok(found.includes(breach), found);
    assert.ok(found.includes('to GET /api/user/me'), found);
  }
});

test('the service answers every request as its description says', async (t) => {
  t.diagnostic(`FUZZ_SEED=${SEED}`);
  const startedAt = performance.now();
  const tally = await fuzz({ operations, world, serviceUrl: service.url, requests: REQUESTS, seed: SEED });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  for (const line of tally.lines) t.diagnostic(line);
  t.diagnostic(`described and not met: ${unmet(tally).join(', ')}`);
  t.diagnostic(`${tally.requests} requests in ${seconds} s, FUZZ_SEED=${SEED}`);
  const breaches = [...tally.breaches].map(([operation, what]) => `${operation}: ${what}`);
  assert.equal(breaches.length, 0, breaches.join('\n'));
  assert.ok(tally.requests >= REQUESTS, `expected ${REQUESTS} requests at least`);
  assert.deepEqual(tally.neverDone, [], 'operations that were never answered 2xx');
});

/** Statuses of errors that no request led to. Statuses of a service in trouble (429, 500, 503) are left out. */
function unmet(tally: Tally): string[] {
  return operations.flatMap(({ name, answers }) =>
    Object.keys(answers)
      .filter((status) => status < '500' && status !== '429' && !tally.seen(name, Number(status)))
      .map((status) => `${name} ${status}`),
  );
}

function without(field: string, body: Buffer): Buffer {
  const { status, data } = JSON.parse(body.toString());
  const { [field]: _gone, ...user } = data.user;
  return Buffer.from(JSON.stringify({ status, data: { user } }));
}

function withHeader(answer: Answer, name: string, value: string | undefined): Answer {
  return { ...answer, headers: { ...answer.headers, [name]: value } };
}
