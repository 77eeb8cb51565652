import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { seededRandom } from '../../../src/platform/testing/seeded-random.ts';
import { killAtCall } from '../resources/failing-calls.ts';
import type { ApiClient } from '../service/api-client.ts';
import { attemptsOf, type DeliverySeen, deliveriesOf } from '../service/deliveries.ts';
import { ServiceProcess } from '../service/service-process.ts';
import { SettableClock } from '../service/settable-clock.ts';
import { cannotTrace } from '../service/system-calls.ts';
import type { History, RecordedDelivery } from './delivery-history.ts';
import { meet, troubles } from './troubles.ts';
import { UnreliableLoad } from './unreliable-load.ts';
import { type OwnedWebhook, UnreliableOwners } from './unreliable-owners.ts';
import { UnreliableReceivers } from './unreliable-receivers.ts';

const ATTEMPT_TIMEOUT_S = 1;
/**
 * Delays between attempts, in seconds. They are short, so that some deliveries are exhausted and the run ends
 * soon.
 */
const RETRY_DELAYS_S = [0.02, 0.1, 0.2];
const SETTINGS = {
  MEDIAHOOKS_DELIVERY_TIMEOUT: String(ATTEMPT_TIMEOUT_S),
  MEDIAHOOKS_RETRY_DELAYS: RETRY_DELAYS_S.join(','),
  // The rate is high, so that a bulk resend sends all its deliveries during the run.
  MEDIAHOOKS_RECOVERY_RATE: '1000',
};

const ALL_TYPES = ['partial.finished', 'encoding.finished'];
const WEBHOOKS_AN_ACCOUNT: readonly (readonly string[])[] = [ALL_TYPES, ALL_TYPES, ['partial.finished']];

/**
 * Maximum milliseconds from the start of the process to a kill during the start. A start takes about 700 ms.
 */
const START_MS = 800;
/** Maximum milliseconds from the moment when the service listens until it is ended. */
const MAX_LIFE_MS = 900;
/** Maximum milliseconds to wait for an accepted event before the service is ended. */
const MAX_WAIT_MS = 20_000;
/**
 * Maximum milliseconds by which a clock that is set is wrong. It is longer than the run may take until nothing
 * waits any more, and shorter than five minutes, after which receivers refuse signatures.
 */
const MAX_AHEAD_MS = 240_000;
/** Maximum milliseconds until all remaining deliveries have ended. */
const DRAIN_MS = 120_000;

export interface CrashRun {
  readonly history: History;
  /**
   * Number of times that the service was ended: in total, before it listened, right after it accepted events, and at
   * a seam (`SEAMS`).
   */
  readonly ends: Readonly<Ends>;
  /** Number of publishing requests that got no answer. */
  readonly unanswered: number;
}

interface Ends {
  all: number;
  starting: number;
  accepting: number;
  seams: number;
}

const NO_ENDS: Readonly<Ends> = { all: 0, starting: 0, accepting: 0, seams: 0 };

/** Number of ends from which on everything must have occurred that owners and receivers do. */
export const MANY_ENDS = 6;

export interface CrashRunOptions {
  readonly seed: number;
  /** Number of times to end the service, or to let it meet trouble. */
  readonly times: number;
  /** Minimum number of accepted events for each end: on a slow machine the service lives longer between two ends. */
  readonly minEventsAnEnd: number;
  /**
   * Signal that ends the service: SIGKILL kills it at any moment, SIGTERM asks it to stop. `trouble`: the service
   * goes on, and meets `troubles` one after the other.
   */
  readonly by: 'SIGKILL' | 'SIGTERM' | 'trouble';
  /** Whether the wall clock of the service is set back and forward, while the service runs and before each start. */
  readonly setsClock?: boolean;
}

/**
 * Runs the service under load, with receivers that fail at random. Ends the service and starts it again
 * `times` times. Then waits until the service has delivered the remaining events.
 */
export async function runThroughCrashes({
  seed,
  times,
  minEventsAnEnd,
  by,
  setsClock = false,
}: CrashRunOptions): Promise<CrashRun> {
  const random = seededRandom(seed);
  const receivers = await UnreliableReceivers.start(seed + 1);
  const clock = new SettableClock(join(await mkdtemp(join(tmpdir(), 'mediahooks-clock-')), 'ahead'));
  const service = await ServiceProcess.create({
    settings: { ...SETTINGS, ...(setsClock && clock.settings) },
  });
  const setClock = () => {
    if (setsClock) clock.set({ aheadMs: (2 * random() - 1) * MAX_AHEAD_MS });
  };
  const over = new AbortController();
  try {
    await service.start();
    const webhooks = await subscribe(service, receivers);
    const owned = webhooks.map(({ id, owner }) => ({ id, owner }));
    const around = { url: service.url, signal: over.signal };
    const owners = new UnreliableOwners({
      ...around,
      webhooks: owned,
      random: seededRandom(seed + 2),
      attemptMs: ATTEMPT_TIMEOUT_S * 1_000,
    });
    const userIds = [...new Set(webhooks.map(({ userId }) => userId))];
    const { operator } = service;
    const load = new UnreliableLoad({ ...around, operator, userIds, random: seededRandom(seed + 3) });
    const ends = await DISTURBANCES[by]({ service, load, random, times, minEventsAnEnd, setClock });
    await untilUnderLoad(load, ends.all * minEventsAnEnd);
    // On a slow machine, owners come to everything that they do only after the last end.
    if (ends.all >= MANY_ENDS)
      await eventually(
        'owners have paused a webhook and sent again',
        async () => owners.pauses.length > 0 && owners.resends.length > 0,
      );
    await Promise.all([load.stop(), owners.stop()]);
    const record = await recordOf(owned);
    const history: History = {
      webhooks,
      published: load.published,
      requests: await receivers.requests(),
      resends: owners.resends,
      pauses: owners.pauses,
      record,
      attemptsASchedule: RETRY_DELAYS_S.length + 1,
      killed: by === 'SIGKILL',
    };
    return { history, ends, unanswered: load.unanswered };
  } finally {
    over.abort();
    await service.remove();
    await clock.remove();
    await receivers.stop();
  }
}

/** Creates webhooks for two accounts. Some of the webhooks do not want every type of event. */
async function subscribe({ client, operator }: ServiceProcess, receivers: UnreliableReceivers) {
  const webhooks = [];
  for (const owner of [client, operator]) {
    for (const types of WEBHOOKS_AN_ACCOUNT) {
      const name = String(webhooks.length);
      const wanted = Object.fromEntries(types.map((type) => [type.replace('.', '_'), true]));
      const webhook = await owner.createWebhook(receivers.url(name), wanted);
      receivers.trust(name, webhook);
      webhooks.push({ id: webhook.id, owner, userId: owner.credentials.userId, wants: new Set(types) });
    }
  }
  return webhooks;
}

interface Ending {
  readonly service: ServiceProcess;
  readonly load: UnreliableLoad;
  readonly random: () => number;
  readonly times: number;
  readonly minEventsAnEnd: number;
  /** Sets the wall clock of the service to another time. */
  readonly setClock: () => void;
}

/**
 * System calls at which a kill separates two steps that belong together: before an entry of the journal is written; when
 * it is written and not synced; in the middle of a commit of SQLite; when all of a commit is written and not synced, so
 * that the journal begins again or does not.
 */
const SEAMS = [
  { call: 'pwrite64', ending: '.journal' },
  { call: 'fdatasync', ending: '.journal' },
  { call: 'pwrite64', ending: '-wal' },
  { call: 'fdatasync', ending: '-wal' },
] as const;
/** Number of calls of one kind before the one at which the service is killed. */
const MAX_CALLS_BEFORE = 12;
/** Maximum milliseconds to wait for the call. */
const MAX_SEAM_MS = 3_000;

/** Kills the service at a seam. Returns false if it did not come to the seam in time. */
async function killAtSeam(service: ServiceProcess, random: () => number): Promise<boolean> {
  const { call, ending } = SEAMS[Math.floor(random() * SEAMS.length)] ?? SEAMS[0];
  const nth = 1 + Math.floor(random() * MAX_CALLS_BEFORE);
  const file = join(service.dataDir, `mediahooks.sqlite${ending}`);
  const release = await killAtCall(service.pid, { call, file, nth });
  const isKilled = await Promise.race([service.end().then(() => true), delay(MAX_SEAM_MS, false)]);
  await release();
  return isKilled;
}

/**
 * Kills the service `times` times: a quarter during a start, a quarter right after a 202, where system calls can be
 * traced a quarter at a seam, and the rest at any moment. The service is running when the promise fulfils.
 */
async function killAtRandom({
  service,
  load,
  random,
  times,
  minEventsAnEnd,
  setClock,
}: Ending): Promise<CrashRun['ends']> {
  const ends = { ...NO_ENDS };
  const canTrace = cannotTrace() === false;
  for (; ends.all < times; ends.all += 1) {
    await untilUnderLoad(load, ends.all * minEventsAnEnd);
    setClock();
    const fate = random();
    if (fate < 0.25) {
      await service.kill();
      service.spawn();
      // A start comes to the seams of a recovery.
      if (!canTrace || fate < 0.12 || !(await killAtSeam(service, random))) await delay(random() * START_MS);
      ends.starting += 1;
    } else if (fate > 0.75 && canTrace) {
      if (await killAtSeam(service, random)) ends.seams += 1;
    } else if (fate < 0.5) {
      await accepted(load);
      ends.accepting += 1;
    } else await delay(random() * MAX_LIFE_MS);
    await service.kill();
    setClock();
    await service.start();
  }
  return ends;
}

async function stopAtRandom({ service, load, random, times }: Ending): Promise<CrashRun['ends']> {
  const ends = { ...NO_ENDS };
  for (; ends.all < times; ends.all += 1) {
    await delay(MAX_LIFE_MS + random() * MAX_LIFE_MS);
    if (random() < 0.5) {
      await accepted(load);
      ends.accepting += 1;
    }
    const { exitCode, endSignal, stderr } = await service.terminate();
    assert.deepEqual([exitCode, endSignal, stderr], [0, null, '']);
    await service.start();
  }
  return ends;
}

async function meetTroubles({ service, load, times, minEventsAnEnd }: Ending): Promise<CrashRun['ends']> {
  const ends = { ...NO_ENDS };
  for (const trouble of troubles().slice(0, times)) {
    await untilUnderLoad(load, (ends.all + 1) * minEventsAnEnd);
    await meet(trouble, service);
    await accepted(load);
    ends.all += 1;
  }
  return ends;
}

const DISTURBANCES = { SIGKILL: killAtRandom, SIGTERM: stopAtRandom, trouble: meetTroubles };

/** Waits until at least `events` events were accepted. A fast machine has accepted them already. */
async function untilUnderLoad(load: UnreliableLoad, events: number): Promise<void> {
  while (load.accepted < events) await accepted(load);
}

async function accepted(load: UnreliableLoad): Promise<void> {
  const late = delay(MAX_WAIT_MS, 'late', { ref: false });
  const what = await Promise.race([load.untilAccepted(), late]);
  assert.notEqual(what, 'late', `no event was accepted for ${MAX_WAIT_MS} ms`);
}

/**
 * Waits until no bulk resend is running and no delivery is pending. Returns the records of all deliveries.
 */
async function recordOf(webhooks: readonly OwnedWebhook[]): Promise<RecordedDelivery[]> {
  await eventually('no recovery runs', () => every(webhooks, hasRecovered), DRAIN_MS);
  await eventually('no delivery is pending', () => every(webhooks, hasDelivered), DRAIN_MS);
  const record: RecordedDelivery[] = [];
  for (const { id: webhookId, owner } of webhooks) {
    for (const delivery of await deliveriesOf(owner, webhookId)) {
      const { event_id: id, state, attempt_count: attempts } = delivery;
      record.push({ webhookId, id, state, attempts, answered: await answeredOf(owner, delivery) });
    }
  }
  return record;
}

async function answeredOf(owner: ApiClient, { id, state, attempt_count }: DeliverySeen): Promise<number> {
  if (state === 'succeeded' && attempt_count === 1) return 1;
  return (await attemptsOf(owner, id)).filter(({ status }) => status !== null).length;
}

async function every<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<boolean> {
  for (const one of all) if (!(await holds(one))) return false;
  return true;
}

async function hasRecovered({ id, owner }: OwnedWebhook): Promise<boolean> {
  const { recoveries } = (await owner.expect(200, 'GET', `/webhooks/${id}/recoveries`)).data;
  return recoveries.every(({ state }: { state: string }) => state !== 'running');
}

async function hasDelivered({ id, owner }: OwnedWebhook): Promise<boolean> {
  const path = `/webhooks/${id}/deliveries?state=pending&limit=1`;
  return (await owner.expect(200, 'GET', path)).data.deliveries.length === 0;
}
