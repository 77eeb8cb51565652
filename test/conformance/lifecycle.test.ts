import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { glob, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RevocationWatch } from '../../src/accounts/revocation-watch.ts';
import { mediaRoot } from '../../src/data-folder/paths.ts';
import { BulkResendRunner } from '../../src/delivery/bulk-resend/runner.ts';
import { Dispatcher } from '../../src/delivery/dispatcher.ts';
import { MemoryQueue } from '../../src/delivery/testing/memory-queue.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../src/domain/media-limits.ts';
import { Publisher } from '../../src/events/publisher.ts';
import { Retention } from '../../src/events/retention.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { DeletedMedia } from '../../src/media/deleted-media.ts';
import { Pipeline } from '../../src/media/encoding/pipeline.ts';
import { MediaTrash } from '../../src/media/files/trash.ts';
import { MeasureFiles } from '../../src/media/measure-files.ts';
import { Metrics } from '../../src/observability/metrics.ts';
import { ProcessMetrics } from '../../src/observability/process-metrics.ts';
import type { Lifecycle } from '../../src/platform/lifecycle.ts';
import type { BulkResendStore } from '../../src/storage/contracts/bulk-resends.ts';
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts';
import { KEYS } from '../../src/storage/testing/records.ts';
import { Cancellations } from '../../src/webhooks/cancellations.ts';
import { type LifecycleHarness, testLifecycle } from './lifecycle.ts';

const logger = createLogger('silent');
const now = Date.now;

async function newDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-lifecycle-'));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

async function newStorage(t: TestContext) {
  const storage = await openSqliteStorage({ file: join(await newDir(t), 'test.db'), keys: KEYS });
  t.after(() => storage.close());
  return storage;
}

/** Creates a dispatcher with an attempt that ends only when it is interrupted, and a delivery that is due later. */
async function createDispatcher(): Promise<Dispatcher> {
  const queue = new MemoryQueue();
  queue.commitUnclaimed('webhook', 'media');
  queue.commitUnclaimed('webhook', 'other media');
  queue.row(2).nextAttemptAt = now() + 60_000;
  const interruption = Promise.withResolvers<void>();
  return new Dispatcher({
    queue,
    logger,
    now,
    steadyNow: now,
    attempt: ({ seq, webhook }, onEnd) => {
      const attempt = {
        number: 1,
        at: 0,
        durationMs: 0,
        status: null,
        response: null,
        error: 'interrupted',
        revision: null,
      };
      const verdict = { state: 'pending', nextAttemptAt: now() + 60_000 } as const;
      interruption.promise.then(() =>
        onEnd({ seq, webhookId: webhook.id, attempt, verdict, receiver: 'unknown' }, null),
      );
    },
    interrupt: () => interruption.resolve(),
    stopGraceMs: 10,
    pauseAfterMs: null,
    limits: {
      concurrency: 10,
      concurrencyPerWebhook: 10,
      concurrencyPerHost: 10,
      capacity: 10,
      capacityPerWebhook: 10,
      attemptTimeoutMs: 1_000,
    },
  });
}

/** Creates a runner with a bulk resend that never ends. */
async function createBulkResendRunner(): Promise<BulkResendRunner> {
  const times = { since: 0, until: 0, createdAt: 0, endedAt: null };
  const store: BulkResendStore = {
    create: async (bulkResend) => bulkResend,
    list: async () => [],
    running: async () => ({
      items: [{ id: randomUUID(), webhookId: 'webhook', userId: 'u', state: 'running', queued: 0, ...times }],
      after: null,
    }),
    advance: async (steps) => steps.map(({ id }) => ({ id, queued: 0, isRunning: true })),
  };
  return new BulkResendRunner({
    store,
    logger,
    now,
    steadyNow: now,
    rate: 100,
    concurrencyPerWebhook: 10,
    bufferedFor: () => 0,
    onQueued: () => undefined,
  });
}

/** Creates a pipeline that checks its programs, as the service does once it listens. */
async function createPipeline(t: TestContext): Promise<Lifecycle> {
  const { media, events, usage } = await newStorage(t);
  const dataDir = await newDir(t);
  await mkdir(mediaRoot(dataDir));
  const pipeline = new Pipeline({
    store: media,
    usage,
    mostEncodedBytes: null,
    publisher: new Publisher({
      events,
      now,
      steadyNow: now,
      untilRoom: async () => undefined,
      onReady: () => undefined,
      onMoreReady: () => undefined,
    }),
    encoders: 1,
    limits: DEFAULT_MEDIA_LIMITS,
    dataDir,
    ffmpegPath: 'ffmpeg',
    ffprobePath: 'ffprobe',
    logger,
    now,
  });
  return {
    start: async () => {
      await pipeline.start();
      void pipeline.checkPrograms();
    },
    stop: () => pipeline.stop(),
  };
}

async function createRetention(t: TestContext): Promise<Retention> {
  const { retention: store } = await newStorage(t);
  return new Retention({
    store,
    logger,
    now,
    monotonicNow: now,
    keepMs: 1,
    keepAuditMs: 1,
    onRemoved: () => undefined,
  });
}

/** A watch ends at once, which is a stop without a promise. */
async function createRevocationWatch(t: TestContext) {
  const watch = new RevocationWatch(join(await newDir(t), 'revocations'), () => undefined);
  return { start: () => watch.start(), stop: async () => watch.stop() };
}

async function createMeasureFiles(t: TestContext): Promise<MeasureFiles> {
  const { usage: store } = await newStorage(t);
  return new MeasureFiles({ store, dataDir: await newDir(t), logger, monotonicNow: now });
}

async function createCancellations(t: TestContext): Promise<Cancellations> {
  const { webhooks: store } = await newStorage(t);
  return new Cancellations({ store, logger, monotonicNow: now });
}

async function createDeletedMedia(t: TestContext): Promise<DeletedMedia> {
  const { retention: store } = await newStorage(t);
  return new DeletedMedia({
    store,
    trash: new MediaTrash(await newDir(t), logger),
    logger,
    now,
    monotonicNow: now,
  });
}

const HARNESSES: readonly LifecycleHarness[] = [
  { name: 'BulkResendRunner', create: createBulkResendRunner, isLive: true },
  { name: 'Cancellations', create: createCancellations, isLive: true },
  { name: 'MeasureFiles', create: createMeasureFiles, isLive: true },
  { name: 'DeletedMedia', create: createDeletedMedia, isLive: true },
  { name: 'Dispatcher', create: createDispatcher, isLive: true },
  { name: 'Pipeline', create: createPipeline, isLive: true },
  { name: 'ProcessMetrics', create: async () => new ProcessMetrics(new Metrics()), isLive: false },
  { name: 'Retention', create: createRetention, isLive: true },
  { name: 'RevocationWatch', create: createRevocationWatch, isLive: true },
];

for (const harness of HARNESSES) testLifecycle(harness);

test('every class that implements Lifecycle is tested', async () => {
  const root = new URL('../../', import.meta.url).pathname;
  const found: string[] = [];
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    const classes = (await readFile(join(root, file), 'utf8')).matchAll(
      /class (\w+)[^{]*\bimplements [^{]*\bLifecycle\b/g,
    );
    for (const [, name = ''] of classes) found.push(name);
  }
  assert.ok(found.length >= 5, found.join());
  const tested = new Set(HARNESSES.map(({ name }) => name));
  assert.deepEqual(
    found.filter((name) => !tested.has(name)),
    [],
  );
});
