import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Authenticator } from './accounts/authenticate.ts';
import { Tokens } from './accounts/tokens.ts';
import { type Config, ConfigError } from './config.ts';
import { closeToOthers, isOpenToOthers, lockData, makeDataDir, tokenKeyFile } from './data-dir.ts';
import { makeAttempt } from './delivery/attempt.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { EgressPolicy } from './delivery/egress.ts';
import { Names } from './delivery/names.ts';
import { Sender } from './delivery/sender.ts';
import { Publisher } from './events/publisher.ts';
import { type App, buildServer } from './http/server.ts';
import { stopAll } from './lifecycle.ts';
import { Pipeline } from './media/pipeline.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';

/** Deliveries held in memory, each about 1 KiB; past it they wait in the database. */
const DISPATCHER_CAPACITY = 20_000;
/** Of these, those of one webhook. */
const DISPATCHER_CAPACITY_PER_WEBHOOK = 2_000;

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
  const [storage, tokens] = await Promise.all([
    openStorage(config.databaseUrl, onStorageLost).catch((error) => refuseDatabase(config, error)),
    Tokens.open(tokenKeyFile(config.dataDir)),
  ]);
  return { storage, tokens };
}

function refuseDatabase({ databaseUrl }: Config, error: Error): never {
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

/** The composition root: wires everything, starts it, and stops it in the reverse order. */
export async function startService(config: Config): Promise<Service> {
  const stops: (() => void | Promise<void>)[] = [];
  const stop = () => stopAll(stops);
  try {
    return await start(config, stops, stop);
  } catch (error) {
    // Why it did not start says more than what then failed to stop.
    await stop().catch(() => undefined);
    throw error;
  }
}

async function start(
  config: Config,
  stops: (() => void | Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Service> {
  const logger = createLogger(config.logLevel);
  const now = Date.now;
  let url = '';

  makeDataDir(config);
  if (isOpenToOthers(config.dataDir))
    logger.warn({ dataDir: config.dataDir }, 'the data folder is open to other users');
  stops.push(lockData(config));
  const { storage, tokens } = await openFoundation(config, (error) => endWithoutStorage(logger, error));
  stops.push(() => storage.close());

  const names = new Names({ timeoutMs: Math.min(LOOKUP_MS, config.deliveryTimeoutMs / 2) });
  stops.push(() => names.close());
  const egress = new EgressPolicy(config.egressAllow, names);
  const sender = new Sender({ egress, timeoutMs: config.deliveryTimeoutMs });
  stops.push(() => sender.close());
  const dispatcher = createDispatcher(config, { storage, sender, logger, now });
  const publisher = new Publisher({
    events: storage.events,
    now,
    onReady: (deliveries) => dispatcher.offer(deliveries),
  });
  await dispatcher.start();
  stops.push(() => dispatcher.stop());
  stops.push(() => publisher.idle());

  const pipeline = new Pipeline({
    store: storage.media,
    publisher,
    dataDir: config.dataDir,
    encoders: config.encoders,
    ffmpegPath: config.ffmpeg,
    ffprobePath: config.ffprobe,
    logger,
    now,
  });
  await pipeline.start();
  stops.push(() => pipeline.stop());

  const app = await buildServer({
    storage,
    authenticator: new Authenticator({ storage, tokens, now }),
    publisher,
    dispatcher,
    sender,
    egress,
    pipeline,
    logger,
    dataDir: config.dataDir,
    maxMediaBytes: config.maxMediaBytes,
    ffmpegPath: config.ffmpeg,
    publicUrl: () => config.publicUrl ?? url,
    now,
  });
  stops.push(() => closeServer(app));
  await listen(app, config);
  url = urlOf(app.server.address() as AddressInfo);
  // Who started it by hand is told on standard output.
  logger.debug({ url }, 'ready');
  return { url, storage, tokens, stop };
}

/**
 * Without its storage the service can do nothing, a stop in good order neither. What was accepted is durable, so that
 * the next start, a supervisor's most likely, mends more than going on would.
 */
function endWithoutStorage(logger: Logger, error: Error): never {
  logger.fatal({ err: error }, 'the database is lost; the service ends, to be started again');
  process.exit(1);
}

async function listen(app: App, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo')
      throw new ConfigError(`MEDIAHOOKS_HOST: ${host} is no address of this machine`, { cause: error });
    if (syscall !== 'listen') throw error;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code;
    throw new ConfigError(`MEDIAHOOKS_PORT: can't listen on ${host}:${port}: ${why}`, { cause: error });
  }
}

/** Ends what requests are under way, and cuts off those that take longer than the grace. */
async function closeServer(app: App): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), STOP_GRACE_MS);
  await app.close().finally(() => clearTimeout(timer));
}

function createDispatcher(
  config: Config,
  { storage, sender, logger, now }: { storage: Storage; sender: Sender; logger: Logger; now: () => number },
): Dispatcher {
  const schedule = config.retryDelaysMs;
  return new Dispatcher({
    queue: storage.queue,
    logger,
    now,
    attempt: (delivery) => makeAttempt(delivery, { sender, schedule, now }),
    interrupt: () => sender.interrupt(),
    stopGraceMs: STOP_GRACE_MS,
    concurrency: config.deliveryConcurrency,
    concurrencyPerWebhook: config.webhookConcurrency,
    capacity: DISPATCHER_CAPACITY,
    capacityPerWebhook: DISPATCHER_CAPACITY_PER_WEBHOOK,
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
