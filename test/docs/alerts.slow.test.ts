import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, type TestContext, test } from 'node:test';
import { eventually } from '../../src/platform/testing/eventually.ts';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import { debianProgram } from '../support/docs/debian.ts';
import { Missing } from '../support/docs/downloads.ts';
import { Receiver } from '../support/receivers/receiver.ts';
import { type Samples, samplesOf } from '../support/service/metrics.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';
import { startTestService } from '../support/service/service.ts';

/** Minutes for which Prometheus sees each state of the service. */
const STATE_MINUTES = 30;
const HOUR_MS = 3_600_000;

let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-alerts-'));
});

after(() => rm(dir, { recursive: true }));

/** Returns Prometheus's promtool; `null`, and the test is skipped, if this machine can't have it. */
function promtool(t: TestContext): ((args: string[], input?: string) => void) | null {
  let program: string;
  try {
    program = debianProgram('prometheus', 'usr/bin/promtool');
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    t.skip(error.message);
    return null;
  }
  return (args, input = '') => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: dir, input, encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
  };
}

async function rulesOfDocument(): Promise<string> {
  const text = await readFile(new URL('../../docs/operating/metrics.md', import.meta.url), 'utf8');
  return /```yaml\n(.*?)```/s.exec(text)?.[1] ?? assert.fail('the document has no rules');
}

/** Troubles that the database of the service has while they are set. */
interface Troubles {
  commitsFail: boolean;
  claimsFail: boolean;
  countsHang: boolean;
}

/** Wraps the storage so that it has troubles. */
function troubled(storage: Storage, troubles: Troubles): Storage {
  const failIf = (fails: () => boolean) => (work: () => Promise<unknown>) =>
    fails() ? Promise.reject(new Error('disk I/O error')) : work();
  const commit = failIf(() => troubles.commitsFail);
  const claim = failIf(() => troubles.claimsFail);
  const count = (work: () => Promise<unknown>) =>
    troubles.countsHang ? eventually('the database answers', async () => !troubles.countsHang) : work();
  return {
    ...storage,
    events: { commit: (...args) => commit(() => storage.events.commit(...args)) as never },
    queue: new Proxy(storage.queue, {
      get: (queue, name: keyof Storage['queue']) => {
        const method = queue[name].bind(queue) as (...args: unknown[]) => Promise<unknown>;
        if (name === 'claim') return (...args: unknown[]) => claim(() => method(...args));
        return name === 'due' ? (...args: unknown[]) => count(() => method(...args)) : method;
      },
    }),
  };
}

async function setUp(t: TestContext) {
  const troubles: Troubles = { commitsFail: false, claimsFail: false, countsHang: false };
  const service = await startTestService(
    { MEDIAHOOKS_RETRY_DELAYS: '0.05' },
    { layer: (storage) => troubled(storage, troubles) },
  );
  const [good, bad] = [await Receiver.start(), await Receiver.start()];
  t.after(async () => {
    await service.stop();
    await good.stop();
    await bad.stop();
  });
  bad.answer((_request, response) => {
    response.statusCode = 500;
    response.end();
  });
  const { client, operator, dataDir } = service;
  const text = async () => (await fetch(`${service.service.url}/metrics`)).text();
  return {
    troubles,
    client,
    text,
    /** Scrapes until the samples have the values that are expected of this state. */
    scrapeUntil: (what: string, holds: (samples: Samples) => boolean) =>
      eventually(what, async () => {
        const samples = samplesOf(await text());
        return holds(samples) && samples;
      }),
    good,
    bad,
    /** Publishes events of different media, to all webhooks. */
    publish: (name: string, count: number) =>
      publish(
        operator,
        Array.from({ length: count }, (_, n) => publishedEvent(client, `${name}-${n}`, 1)),
      ),
    /** Makes all deliveries that wait in the database an hour older. */
    age: () => {
      const database = new DatabaseSync(join(dataDir, 'mediahooks.sqlite'), { timeout: 5_000 });
      database.exec(
        `update deliveries set next_attempt_at = next_attempt_at - ${HOUR_MS} where state = 'pending' and claimed = 0`,
      );
      database.close();
    },
  };
}

const DUE = 'mediahooks_deliveries_due';
const LAG = 'mediahooks_deliveries_due_lag_seconds';
const PAUSED = 'mediahooks_deliveries_waiting{behind="pause"}';
const THROTTLED = 'mediahooks_deliveries_waiting{behind="circuit"}';
const FAILED = 'mediahooks_deliveries_ended_total{state="failed"}';
const READY = 'mediahooks_ready';

/** Brings a real service into each state, and returns what its metrics are in that state. */
async function scrapeStates(t: TestContext): Promise<Record<string, Samples>> {
  const { troubles, client, scrapeUntil, good, bad, publish: publishTo, age } = await setUp(t);
  const of = (name: string) => (samples: Samples) => samples.get(name) ?? Number.NaN;
  const [due, lag, failed, ready] = [of(DUE), of(LAG), of(FAILED), of(READY)];
  const isIdle = (samples: Samples) => ready(samples) === 1 && due(samples) === 0;
  const idle = await scrapeUntil('the service is idle', isIdle);

  const paused = await client.createWebhook(good.url);
  await client.expect(200, 'POST', `/webhooks/${paused.id}/pause`);
  const dead = await client.createWebhook('http://127.0.0.1:2/');
  await publishTo('waiting', 40);
  const isWaiting = (samples: Samples) => of(PAUSED)(samples) === 40 && of(THROTTLED)(samples) > 20;
  await scrapeUntil('deliveries wait for a pause and a circuit', isWaiting);
  age();
  const waiting = await scrapeUntil(
    'only these deliveries wait',
    (samples) => isWaiting(samples) && due(samples) === 0,
  );

  troubles.claimsFail = true;
  const failing = await client.createWebhook(bad.url);
  await publishTo('late', 1);
  await scrapeUntil('a retry is due', (samples) => due(samples) > 0);
  age();
  const late = await scrapeUntil('it is late', (samples) => lag(samples) > HOUR_MS / 2_000);
  troubles.claimsFail = false;
  await scrapeUntil('it is sent', (samples) => due(samples) === 0);

  troubles.commitsFail = true;
  await publishTo('refused', 1);
  const refusing = await scrapeUntil('the service is not ready', (samples) => ready(samples) === 0);
  troubles.commitsFail = false;
  await publishTo('refused', 1);
  await scrapeUntil('the service is ready', (samples) => ready(samples) === 1);

  troubles.countsHang = true;
  const silent = await scrapeUntil('the database is silent', (samples) => Number.isNaN(due(samples)));
  troubles.countsHang = false;
  const before = await scrapeUntil('the database answers', (samples) => !Number.isNaN(due(samples)));

  await publishTo('given-up', 15);
  const givingUp = await scrapeUntil(
    'many are given up',
    (samples) => failed(samples) >= failed(before) + 15,
  );

  await client.expect(200, 'POST', `/webhooks/${paused.id}/resume`);
  for (const { id } of [dead, failing]) await client.expect(200, 'DELETE', `/webhooks/${id}`);
  const isQuiet = (samples: Samples) => [DUE, PAUSED, THROTTLED].every((name) => samples.get(name) === 0);
  const recovered = await scrapeUntil('nothing waits', isQuiet);
  return { idle, waiting, late, refusing, silent, givingUp, recovered };
}

/**
 * Alerts that must fire in each state, at the minutes after its beginning. All other alerts must be silent then. The
 * service is gone in the last state.
 */
const EXPECTED: Record<string, Record<3 | 10 | 29, readonly string[]>> = {
  idle: { 3: [], 10: [], 29: [] },
  waiting: { 3: [], 10: [], 29: [] },
  late: { 3: [], 10: ['MediahooksDeliveriesLate'], 29: ['MediahooksDeliveriesLate'] },
  refusing: {
    3: ['MediahooksNotReady', 'MediahooksCommitsFail'],
    10: ['MediahooksNotReady'],
    29: ['MediahooksNotReady'],
  },
  silent: {
    3: ['MediahooksDatabaseSilent'],
    10: ['MediahooksDatabaseSilent'],
    29: ['MediahooksDatabaseSilent'],
  },
  givingUp: { 3: ['MediahooksDeliveriesFail'], 10: ['MediahooksDeliveriesFail'], 29: [] },
  recovered: { 3: [], 10: [], 29: [] },
  gone: { 3: ['MediahooksDown'], 10: ['MediahooksDown'], 29: ['MediahooksDown'] },
};

const LABELS = { job: 'mediahooks', instance: 'hooks.example.com:8080' };
/** Labels that an alert has in addition to those of the service. */
const OWN_LABELS: Record<string, Record<string, string>> = {
  MediahooksCommitsFail: { operation: 'publish' },
  MediahooksDeliveriesFail: { state: 'failed' },
};

function seriesOf(states: Record<string, Samples>) {
  const scraped = Object.keys(EXPECTED).map((state) => states[state] ?? new Map<string, number>());
  const names = new Set(scraped.flatMap((samples) => [...samples.keys()]));
  const hold = (value: number | string) => Array(STATE_MINUTES).fill(value).join(' ');
  const labels = Object.entries(LABELS).map(([name, value]) => `${name}="${value}"`);
  const inputs = Array.from(names, (name) => {
    const [, metric = '', own] = /^(\w+)(?:\{(.*)\})?$/.exec(name) ?? [];
    const series = `${metric}{${[...(own ? [own] : []), ...labels].join(',')}}`;
    return { series, values: scraped.map((samples) => hold(samples.get(name) ?? '_')).join(' ') };
  });
  const up = scraped.map((samples) => hold(samples.size > 0 ? 1 : 0)).join(' ');
  return [...inputs, { series: `up{${labels.join(',')}}`, values: up }];
}

function expectations(alerts: readonly string[]) {
  return Object.values(EXPECTED).flatMap((expected, index) =>
    Object.entries(expected).flatMap(([minute, firing]) =>
      alerts.map((alertname) => ({
        eval_time: `${index * STATE_MINUTES + Number(minute)}m`,
        alertname,
        exp_alerts: firing.includes(alertname)
          ? [{ exp_labels: { ...LABELS, ...OWN_LABELS[alertname] } }]
          : [],
      })),
    ),
  );
}

test("promtool finds no fault in the service's metrics", async (t) => {
  const run = promtool(t);
  if (!run) return;
  const { text } = await setUp(t);
  run(['check', 'metrics'], await text());
});

test('each alert of the document fires when it should, ends with its cause, and is silent in a healthy service', async (t) => {
  const run = promtool(t);
  if (!run) return;
  const rules = await rulesOfDocument();
  const alerts = Array.from(rules.matchAll(/- alert: (\w+)/g), ([, name = '']) => name);
  const expected = Object.values(EXPECTED).flatMap((state) => Object.values(state).flat());
  assert.deepEqual([...new Set(expected)].toSorted(), alerts.toSorted());
  await writeFile(join(dir, 'alerts.yml'), rules);
  run(['check', 'rules', 'alerts.yml']);

  const states = await scrapeStates(t);
  const tests = [{ interval: '1m', input_series: seriesOf(states), alert_rule_test: expectations(alerts) }];
  const file = { rule_files: ['alerts.yml'], evaluation_interval: '1m', tests };
  // JSON is YAML, too.
  await writeFile(join(dir, 'alerts.test.yml'), JSON.stringify(file));
  run(['test', 'rules', 'alerts.test.yml']);
});
