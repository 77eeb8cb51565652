import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authenticator } from './accounts/authenticate.ts';
import { IdentityProvider } from './accounts/identity-provider.ts';
import { Passwords } from './accounts/passwords.ts';
import { RevocationNotice } from './accounts/revocation-notice.ts';
import { Tokens } from './accounts/tokens.ts';
import { type Config, ConfigError } from './config.ts';
import {
  closeToOthers,
  encryptionKeyFile,
  isOpenToOthers,
  linkKeyFile,
  lockData,
  makeDataDir,
  revocationFile,
  tokenKeysFolder,
} from './data-dir.ts';
import { makeAttempt } from './delivery/attempt.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { EgressPolicy } from './delivery/egress.ts';
import { Names } from './delivery/names.ts';
import { RecoveryRunner } from './delivery/recovery-runner.ts';
import { type Exchange, Sender } from './delivery/sender.ts';
import { Tunnels } from './delivery/tunnels.ts';
import { findEncryptionKeys } from './encryption-keys.ts';
import { BackPressure, loopUtilization } from './events/back-pressure.ts';
import { Publisher } from './events/publisher.ts';
import { Retention } from './events/retention.ts';
import { freeBytes } from './free-bytes.ts';
import { listen, stopListening } from './http/listening.ts';
import { type AccountLimits, buildServer, type ClientLimits, type ServerLimits } from './http/server.ts';
import { giveBackWhenIdle } from './idle-memory.ts';
import { stopAll } from './lifecycle.ts';
import { openLinkKey } from './media/link-key.ts';
import { MediaLinks } from './media/media-links.ts';
import { Pipeline } from './media/pipeline.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
import { registerGauges } from './telemetry/gauges.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';
import { ProcessMetrics } from './telemetry/process-metrics.ts';
import { Readiness } from './telemetry/readiness.ts';
import { countExchange, watchStorage } from './telemetry/watch.ts';

/** Deliveries held in memory, each about 1 KiB; past it they wait in the database. */
const DISPATCHER_CAPACITY = 10_000;
/** Of these, those of one webhook. */
const DISPATCHER_CAPACITY_PER_WEBHOOK = 2_000;
/** From this part of the capacity on, intake waits while this thread is busy. */
const INTAKE_WAITS_AT = 1 / 2;

/** How long a receiver's name may take to resolve; never more than half of what its whole answer may take. */
const LOOKUP_MS = 5_000;

/** How long a stop waits for each of requests and attempts under way. Supervisors kill after ten seconds or more. */
const STOP_GRACE_MS = 3_000;

/** What the command line and the server both need. */
export interface Foundation {
  readonly storage: Storage;
  readonly tokens: Tokens;
}

/** Opens the data folder's storage and keys, and makes what is missing. */
export async function openFoundation(
  config: Config,
  onStorageLost?: (error: Error) => void,
): Promise<Foundation> {
  makeDataDir(config);
  closeToOthers(config);
  const { keys, madeFile } = await findEncryptionKeys(config);
  const [storage, tokens] = await Promise.all([
    openStorage(config.databaseUrl, keys, onStorageLost).catch((error) => {
      if (madeFile !== null && isKeyError(error)) rmSync(madeFile, { force: true });
      return refuseDatabase(config, error);
    }),
    Tokens.open(tokenKeysFolder(config.dataDir)),
  ]);
  return { storage, tokens };
}

/** The class does not survive the way from the database's thread. */
function isKeyError(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_ENCRYPTION_KEY';
}

function refuseDatabase({ databaseUrl, dataDir, encryptionKey }: Config, error: Error): never {
  if (isKeyError(error)) {
    const place = encryptionKey === null ? `; it was in ${encryptionKeyFile(dataDir)}` : '';
    throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: ${error.message}${place}`, { cause: error });
  }
  if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error;
  const file = fileURLToPath(databaseUrl);
  throw new ConfigError(`MEDIAHOOKS_DATABASE_URL: ${file} can't be opened: ${error.message}`, {
    cause: error,
  });
}

export interface Service extends Foundation {
  /** Where it listens. */
  readonly url: string;
  /** Ends requests, attempts and encoders in good order; what is unfinished goes on after the next start. */
  stop(): Promise<void>;
}

/** What ends the service, the last first. */
type Stops = (() => void | Promise<void>)[];

/** What the environment does not set. */
export interface ServiceOptions extends ServerLimits {
  /** Stands between the service and its storage; tests make it slow. */
  readonly layer?: (storage: Storage) => Storage;
  /** `address:port`; left out, those of the system. */
  readonly nameServers?: readonly string[];
}

/** The composition root: wires everything, starts it, and stops it in the reverse order. */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const stops: Stops = [];
  const stop = () => stopAll(stops);
  try {
    return await start(config, options, stops, stop);
  } catch (error) {
    // Why it did not start says more than what then failed to stop.
    await stop().catch(() => undefined);
    throw error;
  }
}

async function start(
  config: Config,
  { layer = (same) => same, nameServers, ...limits }: ServiceOptions,
  stops: Stops,
  stop: () => Promise<void>,
): Promise<Service> {
  const now = Date.now;
  let url = '';
  const { logger, metrics, readiness } = await startTelemetry(config, stops, now);

  makeDataDir(config);
  if (isOpenToOthers(config.dataDir))
    logger.warn({ dataDir: config.dataDir }, 'the data folder is open to other users');
  stops.push(lockData(config));
  const { storage: unwatched, tokens } = await openFoundation(config, (error) =>
    endWithoutStorage(logger, error),
  );
  stops.push(() => unwatched.close());
  const storage = watchStorage(layer(unwatched), metrics, (failure) => readiness.noteCommit(failure));

  const { egress, sender } = createSender(config, nameServers, stops);
  const dispatcher = createDispatcher(config, {
    storage,
    sender,
    metrics,
    logger,
    now,
  });
  const backPressure = new BackPressure({
    held: () => dispatcher.held,
    highWater: DISPATCHER_CAPACITY * INTAKE_WAITS_AT,
    utilization: loopUtilization(),
  });
  const publisher = new Publisher({
    events: storage.events,
    now,
    untilRoom: () => backPressure.untilRoom(),
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

  const key = await openLinkKey(linkKeyFile(config.dataDir));
  const identityProvider = createIdentityProvider(config);
  const authenticator = new Authenticator({ storage, tokens, identityProvider, now });
  const notice = new RevocationNotice(revocationFile(config.dataDir), () => authenticator.forgetAll());
  await notice.start();
  stops.push(() => notice.stop());

  const services = {
    links: new MediaLinks({ key, ttlMs: config.linkTtlMs, now }),
    storage,
    authenticator,
    tokens,
    passwords: new Passwords(),
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
    accountLimits: accountLimitsOf(config),
    ffmpegPath: config.ffmpeg,
    mediaLimits: config.mediaLimits,
    publicUrl: () => config.publicUrl ?? url,
    now,
  };
  const app = await buildServer(services, clientLimitsOf(config), limits);
  stops.push(() => stopListening(app, STOP_GRACE_MS));
  stops.push(() => readiness.stopping());
  url = await listen(app, config);
  readiness.started();
  stops.push(giveBackWhenIdle());
  // Who started it by hand is told on standard output.
  logger.debug({ url }, 'ready');
  return { url, storage, tokens, stop };
}

function createSender(
  { deliveryTimeoutMs: timeoutMs, egressAllow, egressPorts: ports, httpsOnly, egressProxy: proxy }: Config,
  servers: readonly string[] | undefined,
  stops: Stops,
) {
  const names = new Names({ timeoutMs: Math.min(LOOKUP_MS, timeoutMs / 2), ...(servers && { servers }) });
  stops.push(() => names.close());
  const egress = new EgressPolicy(egressAllow, names, { ports, httpsOnly });
  const tunnels = proxy && new Tunnels({ proxy, egress, resolver: names, timeoutMs });
  const sender = new Sender({ egress, timeoutMs, tunnels });
  stops.push(() => sender.close());
  return { egress, sender };
}

async function startTelemetry(config: Config, stops: Stops, now: () => number) {
  const metrics = new Metrics();
  const processMetrics = new ProcessMetrics(metrics);
  await processMetrics.start();
  stops.push(() => processMetrics.stop());
  const readiness = new Readiness({ freeBytes: () => leastFreeBytes(config), now });
  return { logger: createLogger(config.logLevel), metrics, readiness };
}

/**
 * Without its storage the service can do nothing, a stop in good order neither. What was accepted is durable, so that
 * the next start, a supervisor's most likely, mends more than going on would.
 */
function endWithoutStorage(logger: Logger, error: Error): never {
  logger.fatal({ err: error }, 'the database is lost; the service ends, to be started again');
  process.exit(1);
}

function createPipeline(
  { dataDir, encoders, mediaLimits: limits, ffmpeg, ffprobe }: Config,
  {
    storage,
    publisher,
    logger,
    now,
  }: Pick<DispatcherParts, 'storage' | 'logger' | 'now'> & { publisher: Publisher },
): Pipeline {
  const programs = { ffmpegPath: ffmpeg, ffprobePath: ffprobe };
  return new Pipeline({
    store: storage.media,
    publisher,
    dataDir,
    encoders,
    limits,
    ...programs,
    logger,
    now,
  });
}

function accountLimitsOf(config: Config): AccountLimits {
  const { maxWebhooks, maxApiKeys, maxOpenUploads, maxAccountBytes } = config;
  return { webhooks: maxWebhooks, apiKeys: maxApiKeys, openUploads: maxOpenUploads, bytes: maxAccountBytes };
}

function clientLimitsOf(config: Config): ClientLimits {
  const { accountRate, addressRate, unauthorizedRate, trustProxy, maxConnections } = config;
  const rates = { account: accountRate, address: addressRate, unauthorized: unauthorizedRate };
  return { rates, trustProxy, maxConnections };
}

/** Null where tokens are the service's own alone. */
function createIdentityProvider({ identityProvider }: Config): IdentityProvider | null {
  return identityProvider && new IdentityProvider(identityProvider);
}

/** Null where everything is kept for ever. */
function createRetention(
  { retentionMs: keepMs, auditRetentionMs: keepAuditMs }: Config,
  parts: Pick<DispatcherParts, 'storage' | 'metrics' | 'logger' | 'now'>,
): Retention | null {
  if (keepMs === null && keepAuditMs === null) return null;
  const { storage, metrics, logger, now } = parts;
  const { events, deliveries, webhooks, audit_records } = metrics.retentionRemoved;
  return new Retention({
    store: storage.retention,
    logger,
    now,
    keepMs,
    keepAuditMs,
    onRemoved: (removed) => {
      events.inc(removed.events);
      deliveries.inc(removed.deliveries);
      webhooks.inc(removed.webhooks);
      audit_records.inc(removed.auditRecords);
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
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly now: () => number;
}

function createDispatcher(
  config: Config,
  { storage, sender, metrics, logger, now }: DispatcherParts,
): Dispatcher {
  const attemptOptions = {
    sender,
    schedule: config.retryDelaysMs,
    now,
    random: Math.random,
    onExchange: (exchange: Exchange) => countExchange(metrics, exchange),
  };
  return new Dispatcher({
    queue: storage.queue,
    logger,
    now,
    attempt: (delivery) => makeAttempt(delivery, attemptOptions),
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
