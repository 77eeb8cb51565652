import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authenticator } from './accounts/authenticate.ts';
import { Tokens } from './accounts/tokens.ts';
import type { Config } from './config.ts';
import { lockDataDir, makeDataDir, tokenKeyFile } from './data-dir.ts';
import { makeAttempt } from './delivery/attempt.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { EgressPolicy } from './delivery/egress.ts';
import { RecoveryRunner } from './delivery/recovery-runner.ts';
import { Sender } from './delivery/sender.ts';
import { Publisher } from './events/publisher.ts';
import { Retention } from './events/retention.ts';
import { freeBytes } from './free-bytes.ts';
import { type App, buildServer } from './http/server.ts';
import { Pipeline } from './media/pipeline.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
import { registerGauges } from './telemetry/gauges.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';
import { ProcessMetrics } from './telemetry/process-metrics.ts';
import { Readiness } from './telemetry/readiness.ts';
import { watchSender, watchStorage } from './telemetry/watch.ts';

/** Deliveries held in memory, each about 1 KiB; past it they wait in the database. */
const DISPATCHER_CAPACITY = 20_000;
/** Of these, those of one webhook. */
const DISPATCHER_CAPACITY_PER_WEBHOOK = 2_000;

/** How long a stop waits for each of requests and attempts under way. Supervisors kill after ten seconds or more. */
const STOP_GRACE_MS = 3_000;

/** What the command line and the server both need. */
export interface Foundation {
  readonly storage: Storage;
  readonly tokens: Tokens;
}

/** Opens the data folder's storage and keys, and makes what is missing. */
export async function openFoundation(config: Config): Promise<Foundation> {
  makeDataDir(config.dataDir);
  const [storage, tokens] = await Promise.all([
    openStorage(config.databaseUrl),
    Tokens.open(tokenKeyFile(config.dataDir)),
  ]);
  return { storage, tokens };
}

export interface Service extends Foundation {
  /** Where it listens. */
  readonly url: string;
  /** Ends requests, attempts and encoders in good order; what is unfinished goes on after the next start. */
  stop(): Promise<void>;
}

/** What ends the service, the last first. */
type Stops = (() => void | Promise<void>)[];

/** What stands between the service and its storage; tests make it slow. */
export type StorageLayer = (storage: Storage) => Storage;

/** The composition root: wires everything, starts it, and stops it in the reverse order. */
export async function startService(config: Config, layer: StorageLayer = (same) => same): Promise<Service> {
  const stops: Stops = [];
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    return await start(config, { layer, stops, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  config: Config,
  { layer, stops, stop }: { layer: StorageLayer; stops: Stops; stop: () => Promise<void> },
): Promise<Service> {
  const now = Date.now;
  let url = '';
  const { logger, metrics, readiness } = await startTelemetry(config, stops, now);

  makeDataDir(config.dataDir);
  stops.push(lockDataDir(config.dataDir));
  const { storage: unwatched, tokens } = await openFoundation(config);
  stops.push(() => unwatched.close());
  const storage = watchStorage(layer(unwatched), metrics, (failure) => readiness.noteCommit(failure));

  const egress = new EgressPolicy(config.egressAllow);
  const sender = new Sender({ egress, timeoutMs: config.deliveryTimeoutMs });
  stops.push(() => sender.close());
  const dispatcher = createDispatcher(config, {
    storage,
    sender,
    watched: watchSender(sender, metrics),
    logger,
    now,
  });
  const publisher = new Publisher({
    events: storage.events,
    now,
    onReady: (deliveries) => dispatcher.offer(deliveries),
  });
  await dispatcher.start();
  stops.push(() => dispatcher.stop());
  stops.push(() => publisher.idle());
  const recoveryRunner = new RecoveryRunner({
    store: storage.recoveries,
    logger,
    now,
    rate: config.recoveryRate,
    concurrencyPerWebhook: config.webhookConcurrency,
    heldBy: (webhookId) => dispatcher.heldBy(webhookId),
    onQueued: () => dispatcher.wake(),
  });
  await recoveryRunner.start();
  stops.push(() => recoveryRunner.stop());

  const pipeline = createPipeline(config, { storage, publisher, logger, now });
  await pipeline.start();
  stops.push(() => pipeline.stop());

  const retention = createRetention(config, { storage, metrics, logger, now });
  await retention?.start();
  stops.push(() => retention?.stop());

  registerGauges(metrics, { sender, dispatcher, publisher, pipeline, storage, now });

  const app = await buildServer({
    storage,
    authenticator: new Authenticator({ storage, tokens, now }),
    publisher,
    dispatcher,
    recoveryRunner,
    sender,
    egress,
    pipeline,
    logger,
    metrics,
    metricsToken: config.metricsToken,
    readiness,
    dataDir: config.dataDir,
    maxMediaBytes: config.maxMediaBytes,
    ffmpegPath: config.ffmpeg,
    publicUrl: () => config.publicUrl ?? url,
    now,
  });
  stops.push(() => closeServer(app));
  stops.push(() => readiness.stopping());
  await app.listen({ host: config.host, port: config.port });
  url = urlOf(app.server.address() as AddressInfo);
  readiness.started();
  logger.info({ url }, 'ready');
  return { url, storage, tokens, stop };
}

async function startTelemetry(config: Config, stops: Stops, now: () => number) {
  const metrics = new Metrics();
  const processMetrics = new ProcessMetrics(metrics);
  await processMetrics.start();
  stops.push(() => processMetrics.stop());
  const readiness = new Readiness({ freeBytes: () => leastFreeBytes(config), now });
  return { logger: createLogger(config.logLevel), metrics, readiness };
}

/** Ends what requests are under way, and cuts off those that take longer than the grace. */
async function closeServer(app: App): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), STOP_GRACE_MS);
  await app.close();
  clearTimeout(timer);
}

function createPipeline(
  { dataDir, encoders, ffmpeg, ffprobe }: Config,
  {
    storage,
    publisher,
    logger,
    now,
  }: Pick<DispatcherParts, 'storage' | 'logger' | 'now'> & { publisher: Publisher },
): Pipeline {
  const programs = { ffmpegPath: ffmpeg, ffprobePath: ffprobe };
  return new Pipeline({ store: storage.media, publisher, dataDir, encoders, ...programs, logger, now });
}

/** Null where everything is kept for ever. */
function createRetention(
  { retentionMs: keepMs }: Config,
  parts: Pick<DispatcherParts, 'storage' | 'logger' | 'now'> & { metrics: Metrics },
): Retention | null {
  if (keepMs === null) return null;
  const { storage, metrics, logger, now } = parts;
  const { events, deliveries, webhooks } = metrics.retentionRemoved;
  return new Retention({
    store: storage.retention,
    logger,
    now,
    keepMs,
    onRemoved: (removed) => {
      events.inc(removed.events);
      deliveries.inc(removed.deliveries);
      webhooks.inc(removed.webhooks);
    },
  });
}

/** Bytes left on the fullest of the disks that hold the database and the media. */
async function leastFreeBytes({ dataDir, databaseUrl }: Config): Promise<number> {
  const directories = [dataDir];
  if (databaseUrl.protocol === 'file:') directories.push(dirname(fileURLToPath(databaseUrl)));
  return Math.min(...(await Promise.all(directories.map(freeBytes))));
}

interface DispatcherParts {
  readonly storage: Storage;
  readonly sender: Sender;
  /** The same sender, watched: what goes over it counts as an attempt. */
  readonly watched: Pick<Sender, 'post'>;
  readonly logger: Logger;
  readonly now: () => number;
}

function createDispatcher(
  config: Config,
  { storage, sender, watched, logger, now }: DispatcherParts,
): Dispatcher {
  const schedule = config.retryDelaysMs;
  return new Dispatcher({
    queue: storage.queue,
    logger,
    now,
    attempt: (delivery) => makeAttempt(delivery, { sender: watched, schedule, now, random: Math.random }),
    interrupt: () => sender.interrupt(),
    stopGraceMs: STOP_GRACE_MS,
    concurrency: config.deliveryConcurrency,
    concurrencyPerWebhook: config.webhookConcurrency,
    concurrencyPerHost: config.hostConcurrency,
    attemptTimeoutMs: config.deliveryTimeoutMs,
    capacity: DISPATCHER_CAPACITY,
    capacityPerWebhook: DISPATCHER_CAPACITY_PER_WEBHOOK,
    pauseAfterMs: config.pauseAfterMs,
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
