import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { fetchDescription } from '../../support/docs/api-description.ts';
import { type Operation, resolvedOperationsIn } from '../described-api.ts';
import type { Draft } from '../draft.ts';
import { draftsOf } from '../drafts.ts';
import type { Known } from '../known.ts';
import { fuzzSeed } from '../seed.ts';
import { Sending } from '../sending.ts';
import { bytesOf, exchange, exchangeBytes, type RawExchange } from './raw-requests.ts';
import { RouteCounts, Way } from './two-ways.ts';

/** Requests that are ordinary are answered without Fastify. Another service answers each of them with Fastify. */

const REQUESTS = Number(process.env.FUZZ_PUBLISHING ?? 1_000);
const SEED = fuzzSeed();

let direct: Way;
let usual: Way;
let operation: Operation;
const routed = new RouteCounts();

before(async () => {
  [direct, usual] = await Promise.all([Way.start(true), Way.start(false)]);
  const operations = resolvedOperationsIn(await fetchDescription(direct.url));
  operation = operations.find(({ name }) => name === 'post /api/events') as Operation;
});

after(async () => {
  routed.stop();
  await Promise.all([direct.service.stop(), usual.service.stop()]);
});

test('requests for the operation, fitting and spoilt ones, are answered alike both ways', async (t) => {
  t.diagnostic(`FUZZ_SEED=${SEED}`);
  const senders = [direct, usual].map((way) => ({ way, sending: new Sending(way, way.url) }));
  let accepted = 0;
  const before = routed.of(direct);
  const property = fc.asyncProperty(draftsOf(operation), async (draft) => {
    const [first, second] = await Promise.all(
      senders.map(({ way, sending }) => plainAnswer(way, sending, draft)),
    );
    assert.deepEqual(first, second);
    if (first?.status === 202) accepted += 1;
  });
  await fc.assert(property, { numRuns: REQUESTS, seed: SEED });
  for (const { sending } of senders) await sending.close();
  await assertSameEffects();
  assertBothWays(t, accepted, routed.of(direct) - before);
});

test('whatever arrives on a connection, in whatever pieces, is answered with the same bytes both ways', async (t) => {
  t.diagnostic(`FUZZ_SEED=${SEED}`);
  let accepted = 0;
  const before = routed.of(direct);
  const property = fc.asyncProperty(exchange, async (drawn) => {
    const [first, second] = await Promise.all([direct, usual].map((way) => exchangeRaw(way, drawn)));
    assert.equal(first, second);
    accepted += first?.match(/HTTP\/1\.1 202 Accepted/g)?.length ?? 0;
  });
  await fc.assert(property, { numRuns: REQUESTS, seed: SEED });
  await assertSameEffects();
  assertBothWays(t, accepted, routed.of(direct) - before);
});

async function plainAnswer(way: Way, sending: Sending, draft: Draft) {
  const { answer } = await sending.send(draft);
  const { date: _date, 'x-request-id': id, ...headers } = answer.headers;
  assert.ok(id);
  const given = draft.headers['x-request-id'];
  return { status: answer.status, headers, body: way.plain(answer.body.toString()), isOwnId: id === given };
}

async function exchangeRaw(way: Way, drawn: RawExchange): Promise<string> {
  const textOf = (known: Known) => way.lookUp(known);
  const bytes = bytesOf(drawn, textOf, (actor) => way.headersFor(actor));
  const plain = way.plain(await exchangeBytes(way.url, bytes, drawn.pauses));
  const isWhole = drawn.pauses.length === 0 && bytes.length < ONE_PIECE;
  return isWhole ? plain : plain.replaceAll(CONNECTION, 'Connection: <either>');
}

/** Maximum number of bytes that certainly arrive in one piece. */
const ONE_PIECE = 16 * 1024;
/**
 * A refusal before the body has arrived asks for the rest of the body, and does not announce that the connection is
 * closed. Whether the body has arrived depends on how long the look-up of a credential takes.
 */
const CONNECTION = /Connection: (?:close|keep-alive\r\nKeep-Alive: timeout=72)/g;

/** Asserts that both services have committed the same events, and have counted the same refusals. */
async function assertSameEffects(): Promise<void> {
  assert.deepEqual(direct.committed.toSorted(), usual.committed.toSorted());
  assert.ok(direct.committed.length > 0);
  assert.deepEqual(await direct.counts(), await usual.counts());
}

/** Asserts that many requests of the first service were answered without its route, and many by it. */
function assertBothWays(t: TestContext, accepted: number, byRoute: number): void {
  t.diagnostic(`${accepted} of ${REQUESTS} requests were accepted; ${byRoute} reached the route`);
  assert.ok(accepted - byRoute > REQUESTS / 10, `${accepted} were accepted, ${byRoute} reached the route`);
  assert.ok(byRoute > REQUESTS / 100, `${byRoute} reached the route`);
}
