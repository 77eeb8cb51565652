import type { AddressInfo } from 'node:net';
import { Authenticator } from './accounts/authenticate.ts';
import { Tokens } from './accounts/tokens.ts';
import type { Config } from './config.ts';
import { lockDataDir, makeDataDir, tokenKeyFile } from './data-dir.ts';
import { makeAttempt } from './delivery/attempt.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { EgressPolicy } from './delivery/egress.ts';
import { Sender } from './delivery/sender.ts';
import { Publisher } from './events/publisher.ts';
import { type App, buildServer, type ServerLimits } from './http/server.ts';
import { Pipeline } from './media/pipeline.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';

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

/** The composition root: wires everything, starts it, and stops it in the reverse order. */
export async function startService(config: Config, limits: ServerLimits = {}): Promise<Service> {
  const stops: (() => void | Promise<void>)[] = [];
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    return await start(config, limits, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  config: Config,
  limits: ServerLimits,
  stops: (() => void | Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Service> {
  const logger = createLogger(config.logLevel);
  const now = Date.now;
  let url = '';

  makeDataDir(config.dataDir);
  stops.push(lockDataDir(config.dataDir));
  const { storage, tokens } = await openFoundation(config);
  stops.push(() => storage.close());

  const egress = new EgressPolicy(config.egressAllow);
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

  const services = {
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
  };
  const app = await buildServer(services, limits);
  stops.push(() => closeServer(app));
  await app.listen({ host: config.host, port: config.port });
  url = urlOf(app.server.address() as AddressInfo);
  logger.info({ url }, 'ready');
  return { url, storage, tokens, stop };
}

/** Ends what requests are under way, and cuts off those that take longer than the grace. */
async function closeServer(app: App): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), STOP_GRACE_MS);
  await app.close();
  clearTimeout(timer);
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
