import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authenticator } from '../accounts/authenticator.ts';
import { IdentityProvider } from '../accounts/identity-provider.ts';
import { Passwords } from '../accounts/passwords.ts';
import { RevocationWatch } from '../accounts/revocation-watch.ts';
import type { Tokens } from '../accounts/tokens.ts';
import type { Config } from '../config/config.ts';
import { freeBytes } from '../data-folder/disk-space.ts';
import { isOpenToOthers, linkKeyFile, lockData, makeDataDir, revocationFile } from '../data-folder/paths.ts';
import { listen, stopListening } from '../http/server/listening.ts';
import { buildServer, type ClientLimits, type ServerLimits } from '../http/server/server.ts';
import type { AccountLimits } from '../http/services.ts';
import { createLogger, type Logger } from '../logging/logger.ts';
import { openLinkKey } from '../media/link-key.ts';
import { MediaLinks } from '../media/links.ts';
import { registerGauges } from '../observability/gauges.ts';
import { instrumentStorage } from '../observability/instrument-storage.ts';
import { Metrics } from '../observability/metrics.ts';
import { ProcessMetrics } from '../observability/process-metrics.ts';
import { Readiness } from '../observability/readiness.ts';
import { collectWhenIdle } from '../platform/idle-memory.ts';
import { type Stops, stopAll } from '../platform/lifecycle.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { createPipeline, createRetention } from './background.ts';
import { startDelivery } from './delivery.ts';
import { type OpenedData, openStoredData } from './open-data.ts';
import { createUseCases } from './use-cases.ts';

/** How long a stop waits for each of requests and attempts under way. Supervisors kill after ten seconds or more. */
const STOP_GRACE_MS = 3_000;

export interface Service extends OpenedData {
  /** Where it listens. */
  readonly url: string;
  /** Ends requests, attempts and encoders in good order; what is unfinished goes on after the next start. */
  stop(): Promise<void>;
}

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
  const { storage: unwatched, tokens } = await openData(config, logger, stops);
  const storage = instrumentStorage(layer(unwatched), metrics, (failure) => readiness.noteCommit(failure));
  const surroundings = { storage, metrics, logger, now };

  const delivery = await startDelivery(
    config,
    surroundings,
    { stopGraceMs: STOP_GRACE_MS, nameServers },
    stops,
  );
  const pipeline = createPipeline(config, surroundings, delivery.publisher);
  await pipeline.start();
  stops.push(() => pipeline.stop());
  const retention = createRetention(config, surroundings);
  await retention?.start();
  stops.push(() => retention?.stop());
  registerGauges(metrics, { ...delivery, pipeline, storage, now });

  const key = await openLinkKey(linkKeyFile(config.dataDir));
  const services = {
    ...surroundings,
    publisher: delivery.publisher,
    ...createUseCases(config, surroundings, delivery),
    pipeline,
    tokens,
    authenticator: await startAuthenticator(config, { storage, tokens, now }, stops),
    passwords: new Passwords(),
    links: new MediaLinks({ key, ttlMs: config.linkTtlMs, now }),
    readiness,
    metricsToken: config.metricsToken,
    dataDir: config.dataDir,
    maxMediaBytes: config.maxMediaBytes,
    accountLimits: accountLimitsOf(config),
    ffmpegPath: config.ffmpeg,
    mediaLimits: config.mediaLimits,
    publicUrl: () => config.publicUrl ?? url,
  };
  const app = await buildServer(services, clientLimitsOf(config), limits);
  stops.push(() => stopListening(app, STOP_GRACE_MS));
  stops.push(() => readiness.stopping());
  url = await listen(app, config);
  readiness.started();
  stops.push(collectWhenIdle());
  // Who started it by hand is told on standard output.
  logger.debug({ url }, 'ready');
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

/** The data folder, for this process alone, and what is in it. */
async function openData(config: Config, logger: Logger, stops: Stops): Promise<OpenedData> {
  makeDataDir(config);
  if (isOpenToOthers(config.dataDir))
    logger.warn({ dataDir: config.dataDir }, 'the data folder is open to other users');
  stops.push(lockData(config));
  const foundation = await openStoredData(config, (error) => endWithoutStorage(logger, error));
  stops.push(() => foundation.storage.close());
  return foundation;
}

async function startAuthenticator(
  { identityProvider: provider, dataDir }: Config,
  parts: { readonly storage: Storage; readonly tokens: Tokens; readonly now: () => number },
  stops: Stops,
): Promise<Authenticator> {
  // Null where tokens are the service's own alone.
  const identityProvider = provider && new IdentityProvider(provider);
  const authenticator = new Authenticator({ ...parts, identityProvider });
  const notice = new RevocationWatch(revocationFile(dataDir), () => authenticator.forgetAll());
  await notice.start();
  stops.push(() => notice.stop());
  return authenticator;
}

/**
 * Without its storage the service can do nothing, a stop in good order neither. What was accepted is durable, so that
 * the next start, a supervisor's most likely, mends more than going on would.
 */
function endWithoutStorage(logger: Logger, error: Error): never {
  logger.fatal({ err: error }, 'the database is lost; the service ends, to be started again');
  process.exit(1);
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

/** Bytes left on the fullest of the disks that hold the database and the media. */
async function leastFreeBytes({ dataDir, databaseUrl }: Config): Promise<number> {
  const directories = [dataDir];
  if (databaseUrl.protocol === 'file:') directories.push(dirname(fileURLToPath(databaseUrl)));
  return Math.min(...(await Promise.all(directories.map(freeBytes))));
}
