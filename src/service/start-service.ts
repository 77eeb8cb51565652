import { type PasswordCost, Passwords } from '../accounts/passwords.ts';
import type { Config } from '../config/config.ts';
import type { ServerLimits } from '../http/server/server.ts';
import type { Logger } from '../logging/logger.ts';
import { registerGauges } from '../observability/gauges.ts';
import { instrumentStorage } from '../observability/instrument-storage.ts';
import { type Stops, stopAll } from '../platform/lifecycle.ts';
import { collectWhenIdle } from '../platform/process/idle-memory.ts';
import type { MachineClocks } from '../platform/steady-clock.ts';
import { Suspensions } from '../platform/suspensions.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { startAuthenticator } from './authenticator.ts';
import { startCancellations, startRetention } from './background.ts';
import { MACHINE_CLOCKS, openSteadyClock, watchClock } from './clock.ts';
import { startDelivery } from './delivery.ts';
import { startHttp } from './http.ts';
import { startMedia } from './media.ts';
import { type OpenedData, openServerData } from './open-data.ts';
import type { SharedParts } from './shared-parts.ts';
import { startTelemetry } from './telemetry.ts';
import { createUseCases } from './use-cases.ts';

/**
 * When the service stops, it waits at most this many milliseconds for requests in progress, and then at most
 * this many again for attempts in flight. Both waits together must be shorter than ten seconds, because some
 * supervisors kill a process after that time.
 */
const STOP_GRACE_MS = 3_000;

export interface Service extends OpenedData {
  /** URL on which the server listens. */
  readonly url: string;
  /** Ends requests, attempts and encoders in good order. The next start resumes unfinished work. */
  stop(): Promise<void>;
}

/** Options that are not settings. Only tests use these options, except for `signal`. */
export interface ServiceOptions extends ServerLimits {
  /** Returns a wrapper of the storage, for example one that slows it down. */
  readonly layer?: (storage: Storage) => Storage;
  /** DNS servers as `address:port`; default: the DNS servers of the system. */
  readonly nameServers?: readonly string[];
  /** Maximum number of milliseconds to wait for a lock of another process on the database. */
  readonly busyTimeoutMs?: number;
  /** An abort of this signal ends a start that waits. */
  readonly signal?: AbortSignal;
  /** Cost of the hash of a password; default: the cost that OWASP recommends. */
  readonly passwordCost?: PasswordCost;
  /** Clocks; default: the clocks of the machine. */
  readonly clocks?: Partial<MachineClocks>;
}

/**
 * Creates all parts of the service and starts them in order. `Service.stop` stops them in the reverse order.
 */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const stops: Stops = [];
  const stop = () => stopAll(stops);
  try {
    return { ...(await startParts(config, options, stops)), stop };
  } catch (error) {
    // Ignores an error of `stop`. The error of the start is more important, and is thrown below.
    await stop().catch(() => undefined);
    throw error;
  }
}

async function startParts(
  config: Config,
  {
    layer = (storage) => storage,
    nameServers,
    clocks,
    passwordCost,
    busyTimeoutMs,
    signal,
    ...limits
  }: ServiceOptions,
  stops: Stops,
): Promise<Omit<Service, 'stop'>> {
  const machine = { ...MACHINE_CLOCKS, ...clocks };
  const { wallNow: now, monotonicNow } = machine;
  const { logger, metrics, readiness, ownTrouble } = await startTelemetry(config, monotonicNow, stops);
  logIgnored(config, logger);
  const onRefused = () => metrics.requestsRefused.database.inc();
  const dataOptions = { logger, signal, busyTimeoutMs, onRefused };
  const { storage: opened, tokens } = await openServerData(config, dataOptions, stops);
  const storage = instrumentStorage(layer(opened), metrics, (failure) => readiness.recordCommit(failure));
  const clock = await openSteadyClock(storage.queue, machine, logger);
  const parts: SharedParts = { storage, metrics, logger, now, clock };
  const suspensions = new Suspensions(machine);
  const deliveryOptions = { stopGraceMs: STOP_GRACE_MS, nameServers, ownTrouble, suspensions };
  const delivery = await startDelivery(config, parts, deliveryOptions, stops);
  watchClock(
    { clock, suspensions, queue: storage.queue, logger, onSuspended: () => delivery.dispatcher.catchUp() },
    stops,
  );
  const media = await startMedia(config, parts, delivery.publisher, stops);
  await startRetention(config, parts, stops);
  const cancellations = await startCancellations(parts, stops);
  registerGauges(metrics, {
    ...delivery,
    pipeline: media.pipeline,
    storage,
    readiness,
    steadyNow: clock.now,
  });
  const authenticator = await startAuthenticator(config, { storage, tokens, now, clock }, stops);
  const passwords = new Passwords(passwordCost);
  const useCases = createUseCases(config, {
    ...parts,
    ...delivery,
    cancellations,
    tokens,
    passwords,
    authenticator,
  });
  const started = { ...useCases, ...media.useCases, authenticator, readiness, metrics, logger, now };
  const url = await startHttp(config, started, { stopGraceMs: STOP_GRACE_MS, limits }, stops);
  stops.push(collectWhenIdle());
  // Logs the URL only at the level debug, because `serve` also prints it to standard output for a person who
  // started it by hand.
  logger.debug({ url }, 'ready');
  return { url, storage, tokens };
}

/** Logs which variables look like settings and are ignored, because an operator may have meant them as settings. */
function logIgnored({ ignoredVariables: variables }: Config, logger: Logger): void {
  if (variables.length > 0) logger.info({ variables }, 'variables of a Kubernetes Service are ignored');
}
