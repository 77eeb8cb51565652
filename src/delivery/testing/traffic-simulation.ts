import type { TestContext } from 'node:test';
import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import { seededRandom } from '../../platform/testing/seeded-random.ts';
import type { DispatcherOptions } from '../dispatcher-options.ts';
import { ATTEMPT_TIMEOUT_MS, type Limits, setUpDispatcher, turns } from './dispatching.ts';

/** Milliseconds by which the clock moves at a time. */
const STEP_MS = 5;

export interface Traffic {
  readonly webhooks: number;
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Every webhook with a multiple of this number hangs. `null`: none hangs. */
  readonly hangingOneIn: number | null;
  /** Number of deliveries that wait at the start for each webhook that hangs. */
  readonly backlog: number;
  /** Picks the webhook of an event. Default: at random. */
  readonly pick?: (event: number) => number;
  readonly limits: Limits;
}

export interface Latency {
  /** Milliseconds from the start of the simulation to the commit. */
  readonly committedMs: number;
  /** Milliseconds from commit to answer. */
  readonly latencyMs: number;
}

export interface Outcome {
  /** Answered deliveries to receivers that work. */
  readonly answered: readonly Latency[];
  /** Maximum number of requests in flight to receivers that hang, in each second. */
  readonly hanging: readonly number[];
  /** Number of deliveries in memory at the end of each second. */
  readonly buffered: readonly number[];
  /** Number of deliveries to receivers that work that were released to the database, in each second. */
  readonly released: readonly number[];
}

/** Simulates steady traffic to many webhooks on a mocked clock. All runs use the same seed. */
export async function simulateTraffic(t: TestContext, traffic: Traffic): Promise<Outcome> {
  const { webhooks, eventsPerSecond, seconds, hangingOneIn, backlog, limits } = traffic;
  const random = seededRandom(20);
  const pick = traffic.pick ?? (() => Math.floor(random() * webhooks));
  const committedAt = new Map<string, number>();
  const outcome = {
    answered: [] as Latency[],
    hanging: [] as number[],
    buffered: [] as number[],
    released: [] as number[],
  };
  let hangingNow = 0;
  let running = true;
  const hangs = (webhookId: string) => hangingOneIn !== null && Number(webhookId) % hangingOneIn === 0;
  const second = () => Math.floor((Date.now() - began) / 1_000);

  const attempt: DispatcherOptions['attempt'] = (delivery, onEnd) => {
    const at = Date.now();
    const doesHang = hangs(delivery.webhook.id);
    const durationMs = doesHang ? ATTEMPT_TIMEOUT_MS : 10 + Math.floor(random() * 50);
    hangingNow += Number(doesHang);
    outcome.hanging[second()] = Math.max(outcome.hanging[second()] ?? 0, hangingNow);
    setTimeout(() => {
      hangingNow -= Number(doesHang);
      const committed = committedAt.get(delivery.id) ?? 0;
      if (!doesHang && running)
        outcome.answered.push({ committedMs: committed - began, latencyMs: Date.now() - committed });
      onEnd(settlementOf(delivery, doesHang, at), null);
    }, durationMs);
  };

  const { queue, dispatcher } = await setUpDispatcher(t, { ...limits, attempt });
  const began = Date.now();
  const release = queue.release.bind(queue);
  queue.release = (seqs) => {
    const working = seqs.filter((seq) => !hangs(queue.row(seq).delivery.webhook.id));
    outcome.released[second()] = (outcome.released[second()] ?? 0) + working.length;
    return release(seqs);
  };
  let events = 0;
  const publish = (webhookId: string) => {
    events += 1;
    const ready = queue.commit(webhookId, `m${events}`);
    for (const { id } of ready) committedAt.set(id, Date.now());
    dispatcher.offer(ready);
  };
  for (let n = 0; hangingOneIn !== null && n < webhooks; n += hangingOneIn) {
    for (let waiting = 0; waiting < backlog; waiting += 1) publish(String(n));
  }
  const perStep = (eventsPerSecond * STEP_MS) / 1_000;
  for (let step = 0; step < (seconds * 1_000) / STEP_MS; step += 1) {
    for (let n = Math.floor(perStep + random()); n > 0; n -= 1) publish(String(pick(events)));
    t.mock.timers.tick(STEP_MS);
    await turns(2);
    outcome.buffered[second()] = dispatcher.buffered;
  }
  running = false;
  void dispatcher.stop();
  t.mock.timers.tick(ATTEMPT_TIMEOUT_MS);
  await turns();
  return outcome;
}

function settlementOf(delivery: ReadyDelivery, doesHang: boolean, at: number): Settlement {
  const { seq, webhook } = delivery;
  const receiver = doesHang ? ('fails' as const) : ('works' as const);
  const now = Date.now();
  const number = delivery.attempts + 1;
  const came = doesHang
    ? { status: null, response: null, error: 'the receiver did not answer within 10 s' }
    : { status: 200, response: '', error: null };
  const attempt = { number, at, durationMs: now - at, revision: null, ...came };
  const failed =
    number < 4 ? { state: 'pending' as const, nextAttemptAt: now + 3_000 } : { state: 'failed' as const };
  const verdict = doesHang ? failed : { state: 'succeeded' as const };
  return { seq, webhookId: webhook.id, attempt, verdict, receiver };
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
