import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../delivery/attempt/exchange.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Publication } from '../storage/contracts/events.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { countExchange, instrumentStorage } from './instrument-storage.ts';
import { Metrics } from './metrics.ts';

async function sampleOf({ registry }: Metrics, name: string, labels: Record<string, string> = {}) {
  const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] };
  const wanted = JSON.stringify(labels);
  return values.find((value) => JSON.stringify(value.labels) === wanted)?.value;
}

function publication(step: Publication['step'] = null): Publication {
  const event = { id: 'e', userId: 'u', mediaId: 'm', emittedAt: 0, body: '{}', idempotencyKey: null };
  return { event: { ...event, type: 'encoding.finished' }, step };
}

test('commits are counted by their outcome, each event and step once; the rest of the storage is unchanged', async () => {
  const metrics = new Metrics();
  const failures: unknown[] = [];
  const world = { isFull: false };
  const full = new ServiceError('storage_full', 'full');
  const storage = {
    accounts: { any: async () => true },
    events: {
      commit: async () => {
        if (world.isFull) throw full;
        return { outcomes: ['committed', 'repeated', 'refused', 'committed'], ready: [] };
      },
    },
    queue: {},
    apiKeys: {},
    media: {},
    usage: {},
    webhooks: {},
  } as unknown as Storage;
  const instrumented = instrumentStorage(storage, metrics, (failure) =>
    failures.push(failure?.error ?? null),
  );
  const step = { kind: 'finished', mediaId: 'm' } as const;
  const batch = [publication(step), publication(), publication(step), publication()];
  await instrumented.events.commit(batch, 0);
  world.isFull = true;
  await assert.rejects(instrumented.events.commit(batch, 0), { code: 'storage_full' });

  const type = 'encoding.finished';
  assert.equal(await sampleOf(metrics, 'mediahooks_events_accepted_total', { type }), 2);
  assert.equal(await sampleOf(metrics, 'mediahooks_events_repeated_total', { type }), 1);
  assert.equal(await sampleOf(metrics, 'mediahooks_encodes_total', { outcome: 'finished' }), 1);
  assert.equal(await sampleOf(metrics, 'mediahooks_commits_failed_total', { operation: 'publish' }), 1);
  assert.deepEqual(failures, [null, full]);
  assert.equal(await instrumented.accounts.any(), true);
});

test('attempts are counted by their answer or their failure', async () => {
  const metrics = new Metrics();
  const whole = {
    response: '',
    retryAfter: null,
    error: null,
    failure: null,
    ownCause: null,
    durationMs: 5,
    isInterrupted: false,
  };
  const exchanges: [string, Exchange][] = [
    ['2xx', { ...whole, status: 204 }],
    ['3xx', { ...whole, status: 301 }],
    ['4xx', { ...whole, status: 410 }],
    ['5xx', { ...whole, status: 503 }],
    ['other', { ...whole, status: 999 }],
    ['timeout', { ...whole, status: 200, error: 'late', failure: 'timeout' }],
    ['connection', { ...whole, status: null, response: null, error: 'refused', failure: 'connection' }],
    ['not_sent', { ...whole, status: null, response: null, error: 'no file', ownCause: 'descriptors' }],
  ];
  for (const [outcome, exchange] of exchanges) {
    countExchange(metrics, exchange);
    assert.equal(await sampleOf(metrics, 'mediahooks_attempts_total', { outcome }), 1, outcome);
  }
});
