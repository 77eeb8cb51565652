import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import { seededRandom } from '../../platform/testing/seeded-random.ts';
import { ATTEMPT_TIMEOUT_MS, setUpDispatcher, turns } from '../testing/dispatching.ts';

const WEBHOOKS = 1_000;
const EVENTS_A_SECOND = 500;
const SECONDS = 25;
/** Milliseconds by which the clock moves at a time. */
const STEP_MS = 5;
/** The receiver of every fifth webhook hangs. */
const HANGING_ONE_IN = 5;
/** Default limits of the service. */
const LIMITS = {
  concurrency: 1_000,
  concurrencyPerWebhook: 10,
  concurrencyPerHost: 100,
  capacity: 10_000,
  capacityPerWebhook: 2_000,
};

interface World {
  readonly hang: boolean;
  /** Number of deliveries that wait at the start for each webhook whose receiver hangs. */
  readonly backlog: number;
}

interface Outcome {
  /** Milliseconds from commit to answer for receivers that work, sorted. */
  readonly latencies: readonly number[];
  /** Maximum number of requests in flight to receivers that hang, in each second. */
  readonly hanging: readonly number[];
}

/** Simulates steady traffic to many webhooks on a mocked clock. All runs use the same seed. */
async function simulate(t: TestContext, { hang, backlog }: World): Promise<Outcome> {
  const random = seededRandom(20);
  const committedAt = new Map<string, number>();
  const latencies: number[] = [];
  const hanging: number[] = [];
  let hangingNow = 0;
  let running = true;
  const hangs = (webhookId: string) => hang && Number(webhookId) % HANGING_ONE_IN === 0;

  const attempt = async (delivery: ReadyDelivery): Promise<Settlement> => {
    const at = Date.now();
    const doesHang = hangs(delivery.webhook.id);
    const durationMs = doesHang ? ATTEMPT_TIMEOUT_MS : 10 + Math.floor(random() * 50);
    hangingNow += Number(doesHang);
    const second = Math.floor((at - began) / 1_000);
    hanging[second] = Math.max(hanging[second] ?? 0, hangingNow);
    await new Promise((resolve) => setTimeout(resolve, durationMs));
    hangingNow -= Number(doesHang);
    if (!doesHang && running) latencies.push(Date.now() - (committedAt.get(delivery.id) ?? 0));
    return settlementOf(delivery, doesHang, at);
  };

  const { queue, dispatcher } = await setUpDispatcher(t, { ...LIMITS, attempt });
  const began = Date.now();
  let events = 0;
  const publish = (webhookId: string) => {
    events += 1;
    const ready = queue.commit(webhookId, `m${events}`);
    for (const { id } of ready) committedAt.set(id, Date.now());
    dispatcher.offer(ready);
  };
  for (let n = 0; hang && n < WEBHOOKS; n += HANGING_ONE_IN) {
    for (let waiting = 0; waiting < backlog; waiting += 1) publish(String(n));
  }
  for (let step = 0; step < (SECONDS * 1_000) / STEP_MS; step += 1) {
    const due = ((step + 1) * EVENTS_A_SECOND * STEP_MS) / 1_000 - (step * EVENTS_A_SECOND * STEP_MS) / 1_000;
    for (let n = Math.floor(due + random()); n > 0; n -= 1) publish(String(Math.floor(random() * WEBHOOKS)));
    t.mock.timers.tick(STEP_MS);
    await turns(2);
  }
  running = false;
  void dispatcher.stop();
  t.mock.timers.tick(ATTEMPT_TIMEOUT_MS);
  await turns();
  return { latencies: latencies.toSorted((a, b) => a - b), hanging };
}

function settlementOf(delivery: ReadyDelivery, doesHang: boolean, at: number): Settlement {
  const { seq, webhook } = delivery;
  const receiver = doesHang ? ('fails' as const) : ('works' as const);
  const now = Date.now();
  const number = delivery.attempts + 1;
  const came = doesHang
    ? { status: null, response: null, error: 'the receiver did not answer within 10 s' }
    : { status: 200, response: '', error: null };
  const attempt = { number, at, durationMs: now - at, ...came };
  const failed =
    number < 4 ? { state: 'pending' as const, nextAttemptAt: now + 3_000 } : { state: 'failed' as const };
  const verdict = doesHang ? failed : { state: 'succeeded' as const };
  return { seq, webhookId: webhook.id, attempt, verdict, receiver };
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

for (const backlog of [0, 20]) {
  test(`a fifth of a thousand receivers hang, with ${backlog} deliveries waiting for each; the others are not delayed`, async (t) => {
    const without = await simulate(t, { hang: false, backlog });
    t.mock.timers.reset();
    const withThem = await simulate(t, { hang: true, backlog });
    const p99 = percentile(withThem.latencies, 0.99);
    const longest = withThem.latencies.at(-1) ?? Number.NaN;
    t.diagnostic(
      `p99 ${percentile(without.latencies, 0.99)} ms without, ${p99} ms with; longest ${longest} ms`,
    );
    t.diagnostic(`requests in flight to hanging receivers, by the second: ${withThem.hanging.join(' ')}`);
    assert.ok(withThem.latencies.length > EVENTS_A_SECOND * SECONDS * 0.75);
    assert.ok(p99 <= 1.5 * percentile(without.latencies, 0.99), `p99 is ${p99} ms`);
  });
}
