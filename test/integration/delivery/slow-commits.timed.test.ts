import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { assertLanes } from '../../support/oracle/lane-log.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { type PublishedEvent, publish, publishedEvent } from '../../support/service/published-events.ts';
import { startTestService } from '../../support/service/service.ts';

const COMMIT_MS = 200;
/** Number of answers that must come during one commit. */
const ANSWERS_A_COMMIT = 4;
const [LANES, EVENTS] = [40, 5];
/** Number of requests with 1,000 events each: more events than may wait. */
const REQUESTS = 25;

/** Makes each commit of events and of attempts wait for `wait` first. */
function waiting(wait: () => Promise<unknown>): (storage: Storage) => Storage {
  return (storage) => ({
    ...storage,
    events: withSlow(storage.events, 'commit', wait),
    queue: withSlow(storage.queue, 'settle', wait),
  });
}

function withSlow<Store extends object>(
  store: Store,
  slow: keyof Store,
  wait: () => Promise<unknown>,
): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return name === slow ? (...args: unknown[]) => wait().then(() => method(...args)) : method;
    },
  });
}

async function setUp(t: TestContext, wait: () => Promise<unknown>) {
  const service = await startTestService({}, { layer: waiting(wait) });
  t.after(() => service.stop());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const webhook = await service.client.createWebhook(receiver.url);
  receiver.trust(webhook.secret);
  const isHealthy = async () => (await fetch(`${service.service.url}/healthz`)).status === 200;
  return { ...service, receiver, webhookId: webhook.id, isHealthy };
}

test('while a commit takes 200 ms, events share commits, the service answers, and nothing is lost', async (t) => {
  let [commits, answers, isOver] = [0, 0, false];
  const { client, operator, receiver, webhookId, isHealthy } = await setUp(t, async () => {
    commits += 1;
    const enough = answers + ANSWERS_A_COMMIT;
    await delay(COMMIT_MS);
    // On a busy machine a commit takes longer, so that the answers of its time can come.
    await eventually('the service answers during a commit', async () => isOver || answers >= enough);
  });
  const publishLane = async (lane: number) => {
    for (let number = 1; number <= EVENTS; number += 1) {
      const answer = await publish(operator, [publishedEvent(client, `lane-${lane}`, number)]);
      assert.equal(answer?.status, 202, JSON.stringify(answer?.body));
    }
  };
  const publishing = Promise.all(Array.from({ length: LANES }, (_, lane) => publishLane(lane)));
  const published = publishing.then(() => true);
  while (!(await Promise.race([published, isHealthy().then(() => false)]))) answers += 1;
  isOver = true;
  const commitsMeanwhile = commits;
  await untilAllEnded(client, webhookId);

  t.diagnostic(
    `${commits} commits for ${LANES * EVENTS} events; ${answers} answers in ${commitsMeanwhile} of them`,
  );
  // Two kinds of commits run at the same time: of events, and of attempts.
  assert.ok(answers >= (ANSWERS_A_COMMIT * commitsMeanwhile) / 2, `${answers} answers`);
  assert.ok(commits < (LANES * EVENTS) / 2, `${commits} commits`);
  assert.equal(assertLanes(receiver.received), 0, 'nothing is sent twice');
  assert.equal(receiver.received.length, LANES * EVENTS);
  const deliveries = await deliveriesOf(client, webhookId);
  assert.ok(
    deliveries.every(({ state, attempt_count: attempts }) => state === 'succeeded' && attempts === 1),
  );
});

test('when more events wait for a commit than may, callers are told when to retry, and nothing is lost', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { operator, client, newAccount, service, dataDir, isHealthy } = await setUp(t, () => gate.promise);
  // An account without webhooks, so that accepted events cost no deliveries.
  const other = (await newAccount()).client;
  const post = (events: readonly PublishedEvent[]) =>
    fetch(`${service.url}/api/events`, {
      method: 'POST',
      headers: { ...operator.headers, 'content-type': 'application/json' },
      body: JSON.stringify(events),
    });
  const requests = Array.from({ length: REQUESTS }, (_, media) =>
    post(Array.from({ length: 1_000 }, (_, n) => publishedEvent(other, `m${media}`, n))),
  );
  const refused = await Promise.any(
    requests.map(async (request) => ((await request).status === 503 ? request : Promise.reject(null))),
  );
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  const { status, code } = (await refused.json()) as { status: string; code: string };
  assert.deepEqual([status, code], ['error', 'overloaded']);
  assert.ok(await isHealthy(), 'it answers while nothing can be committed');

  gate.resolve();
  const statuses = (await Promise.all(requests)).map((answer) => answer.status);
  const accepted = statuses.filter((one) => one === 202).length;
  assert.deepEqual(new Set(statuses), new Set([202, 503]));
  assert.equal((await publish(operator, [publishedEvent(client, 'afterwards', 1)]))?.status, 202);
  // SQLite commits everything in the journal before an answer to this request.
  await client.expect(200, 'GET', '/deliveries');
  const database = new DatabaseSync(join(dataDir, 'mediahooks.sqlite'), { readOnly: true });
  const stored = database.prepare('select count(*) as n from events').get()?.n;
  database.close();
  assert.equal(stored, accepted * 1_000 + 1, 'all that was accepted is stored, and nothing that was refused');
});
