import { type PasswordCost, Passwords } from '../accounts/passwords.ts';
import type { Config } from '../config/config.ts';
import type { ServerLimits } from '../http/server/server.ts';
import type { Logger } from '../logging/logger.ts';
import { registerGauges } from '../observability/gauges.ts';
import { instrumentStorage } from '../observability/instrument-storage.ts';
import type { Stops } from '../platform/lifecycle.ts';
import { collectWhenIdle } from '../platform/process/idle-memory.ts';
import type { MachineClocks } from '../platform/steady-clock.ts';
import { Suspensions } from '../platform/suspensions.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { startAuthenticator } from './authenticator.ts';
import { startCancellations, startMeasuring, startRetention } from './background.ts';
import { MACHINE_CLOCKS, openSteadyClock, watchClock } from './clock.ts';
import { startDelivery } from './delivery.ts';
import { startHttp } from './http.ts';
import { startMedia } from './media.ts';
import type { OpenedData } from './open-data.ts';
import type { SharedParts } from './shared-parts.ts';
import { startTelemetry } from './telemetry.ts';
import { createUseCases } from './use-cases.ts';

/**
 * When the service stops, it waits at most this many milliseconds for requests in progress, and then at most
 * this many again for attempts in flight. Both waits together must be shorter than ten seconds, because some
 * supervisors kill a process after that time.
 */
const STOP_GRACE_MS = 3_000;

/** Options that are not settings. Only tests use them. */
export interface PartsOptions extends ServerLimits {
  /** Returns a wrapper of the storage, for example one that slows it down. */
  readonly layer?: (storage: Storage) => Storage;
  /** DNS servers as `address:port`; default: the DNS servers of the system. */
  readonly nameServers?: readonly string[];
  /** Cost of the hash of a password; default: the cost that OWASP recommends. */
  readonly passwordCost?: PasswordCost;
  /** Clocks; default: the clocks of the machine. */
  readonly clocks?: Partial<MachineClocks>;
}

/** The opened data, and the logger, which exists before the parts are loaded. */
export interface Opened extends OpenedData {
  readonly logger: Logger;
  /** Sets the function that is called for each call that the database refuses. */
  readonly countRefusals: (count: () => void) => void;
}

/**
 * Creates all parts of the service and starts them in order. @returns the URL on which the server listens
 */
export async function startParts(
  config: Config,
  { storage: opened, tokens, logger, countRefusals }: Opened,
  { layer = (storage) => storage, nameServers, clocks, passwordCost, ...limits }: PartsOptions,
  stops: Stops,
): Promise<string> {
  const machine = { ...MACHINE_CLOCKS, ...clocks };
  const { wallNow: now, monotonicNow } = machine;
  const { metrics, readiness, ownTrouble } = await startTelemetry(config, { logger, monotonicNow }, stops);
  countRefusals(() => metrics.requestsRefused.database.inc());
  const storage = instrumentStorage(layer(opened), metrics, (failure) => readiness.recordCommit(failure));
  const clock = await openSteadyClock(storage.queue, machine, logger);
  const parts: SharedParts = { storage, metrics, logger, now, clock };
  const suspensions = new Suspensions(machine);
  const { promise: listening, resolve: listens } = Promise.withResolvers<void>();
  const deliveryOptions = { stopGraceMs: STOP_GRACE_MS, nameServers, ownTrouble, suspensions, listening };
  const delivery = await startDelivery(config, parts, deliveryOptions, stops);
  watchClock(
    { clock, suspensions, queue: storage.queue, logger, onSuspended: () => delivery.dispatcher.catchUp() },
    stops,
  );
  const media = await startMedia(config, parts, delivery.publisher, stops);
  await startRetention(config, parts, stops);
  const cancellations = await startCancellations(parts, stops);
  await startMeasuring(config, parts, stops);
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
  const { ownInboxes } = delivery;
  const httpOptions = { stopGraceMs: STOP_GRACE_MS, limits, ownInboxes, webhooks: storage.webhooks };
  const url = await startHttp(config, started, httpOptions, stops);
  // The start ends first, because the next steps keep processors and the database busy.
  const begin = setImmediate(() => {
    listens();
    void media.pipeline.checkPrograms();
  });
  stops.push(() => clearImmediate(begin));
  stops.push(collectWhenIdle());
  // Logs the URL only at the level debug, because `serve` also prints it to standard output for a person who
  // started it by hand.
  logger.debug({ url }, 'ready');
  return url;
}
