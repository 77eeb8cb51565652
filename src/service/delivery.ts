import type { Config } from '../config/config.ts';
import type { Exchange } from '../delivery/attempt/exchange.ts';
import { makeAttempt } from '../delivery/attempt/make-attempt.ts';
import type { OwnTrouble } from '../delivery/attempt/own-trouble.ts';
import { RequestTargets } from '../delivery/attempt/request-targets.ts';
import { Sender } from '../delivery/attempt/sender.ts';
import { SigningKeyCache } from '../delivery/attempt/signature.ts';
import { BulkResendRunner } from '../delivery/bulk-resend/runner.ts';
import { Dispatcher } from '../delivery/dispatcher.ts';
import type { ConnectProxy, ConnectProxyOptions } from '../delivery/egress/connect-proxy.ts';
import { DnsResolver } from '../delivery/egress/dns-resolver.ts';
import { OwnInboxes } from '../delivery/egress/own-inboxes.ts';
import { EgressPolicy } from '../delivery/egress/policy.ts';
import { refusalLog } from '../delivery/egress/refusal-log.ts';
import { BackPressure, loopUtilization } from '../events/back-pressure.ts';
import { Publisher } from '../events/publisher.ts';
import { countExchange } from '../observability/instrument-storage.ts';
import type { Stops } from '../platform/lifecycle.ts';
import type { Suspensions } from '../platform/suspensions.ts';
import { DeliveryStatistics } from '../webhooks/live/delivery-statistics.ts';
import { LiveDeliveries } from '../webhooks/live/live-deliveries.ts';
import type { SharedParts } from './shared-parts.ts';

/** Maximum number of deliveries in memory, each of about 1 KiB. Further deliveries wait in the database. */
const DISPATCHER_CAPACITY = 10_000;
/** Maximum number of deliveries of one webhook in memory. */
const DISPATCHER_CAPACITY_PER_WEBHOOK = 2_000;
/**
 * Fraction of `DISPATCHER_CAPACITY`. New events have to wait if more deliveries than this fraction are in
 * memory and the event loop is busy.
 */
const INTAKE_WAITS_AT = 1 / 2;

/**
 * Maximum milliseconds for resolving the host name of a receiver. Half of the delivery timeout
 * applies if that is less.
 */
const LOOKUP_MS = 5_000;

export interface DeliveryOptions {
  /** Maximum milliseconds to wait for attempts in flight when the service stops. */
  readonly stopGraceMs: number;
  /** DNS servers as `address:port`; default: the DNS servers of the system. */
  readonly nameServers?: readonly string[] | undefined;
  /** State of our own resources, to which attempts report. */
  readonly ownTrouble: OwnTrouble;
  readonly suspensions: Suspensions;
  /** Fulfils when the service listens. Claims of many deliveries would keep the database from the rest of the start. */
  readonly listening: Promise<void>;
}

export type DeliveryParts = Awaited<ReturnType<typeof startDelivery>>;

/** Starts the parts that accept events and deliver them to receivers. */
export async function startDelivery(
  config: Config,
  parts: SharedParts,
  options: DeliveryOptions,
  stops: Stops,
) {
  const { storage, logger, now, clock } = parts;
  const ownInboxes = config.inbox ? new OwnInboxes() : null;
  const { egress, sender } = await createSender(config, { ...options, logger, ownInboxes }, stops);
  const statistics = new DeliveryStatistics({ store: storage.webhooks, logger, now });
  stops.push(() => statistics.store());
  const liveDeliveries = new LiveDeliveries({ webhooks: storage.webhooks, now, clock });
  stops.push(() => liveDeliveries.close());
  const dispatcher = createDispatcher(config, parts, { ...options, sender, liveDeliveries, statistics });
  const backPressure = new BackPressure({
    buffered: () => dispatcher.buffered,
    highWater: DISPATCHER_CAPACITY * INTAKE_WAITS_AT,
    utilization: loopUtilization(),
  });
  const publisher = new Publisher({
    events: storage.events,
    now,
    steadyNow: clock.now,
    untilRoom: () => backPressure.untilRoom(),
    onReady: (deliveries) => {
      dispatcher.offer(deliveries);
      liveDeliveries.noteReady(deliveries);
    },
    onMoreReady: () => dispatcher.claimSoon(),
  });
  await dispatcher.start(options.listening);
  stops.push(() => dispatcher.stop());
  stops.push(() => publisher.idle());
  const bulkResendRunner = new BulkResendRunner({
    store: storage.bulkResends,
    logger,
    now,
    steadyNow: clock.now,
    rate: config.recoveryRate,
    concurrencyPerWebhook: config.webhookConcurrency,
    bufferedFor: (webhookId) => dispatcher.bufferedFor(webhookId),
    onQueued: () => dispatcher.claimSoon(),
  });
  await bulkResendRunner.start();
  stops.push(() => bulkResendRunner.stop());
  return { egress, sender, dispatcher, publisher, bulkResendRunner, liveDeliveries, ownInboxes, statistics };
}

async function createSender(
  { deliveryTimeoutMs: timeoutMs, egressAllow, egressPorts: ports, httpsOnly, egressProxy: proxy }: Config,
  {
    nameServers: servers,
    ownTrouble,
    suspensions,
    logger,
    ownInboxes,
  }: DeliveryOptions & Pick<SharedParts, 'logger'> & { readonly ownInboxes: OwnInboxes | null },
  stops: Stops,
) {
  const resolver = new DnsResolver({
    timeoutMs: Math.min(LOOKUP_MS, timeoutMs / 2),
    ...(servers && { servers }),
  });
  stops.push(() => resolver.close());
  const egress = new EgressPolicy(egressAllow, resolver, {
    ports,
    httpsOnly,
    ...(ownInboxes && { isInboxUrl: (url) => ownInboxes.isInboxUrl(url) }),
    onRefused: refusalLog(logger),
  });
  const connectProxy = proxy && (await createConnectProxy({ proxy, egress, resolver, timeoutMs }));
  const sender = new Sender({
    egress,
    timeoutMs,
    connectProxy,
    inboxes: ownInboxes,
    ownTrouble,
    suspensions,
  });
  stops.push(() => sender.close());
  return { egress, sender };
}

/** Loads the code for proxies, and undici with it, because most services have no proxy. */
async function createConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const { ConnectProxy } = await import('../delivery/egress/connect-proxy.ts');
  return new ConnectProxy(options);
}

function createDispatcher(
  config: Config,
  { storage, metrics, logger, now, clock }: SharedParts,
  {
    sender,
    liveDeliveries,
    statistics,
    stopGraceMs,
    ownTrouble,
  }: DeliveryOptions & {
    readonly sender: Sender;
    readonly liveDeliveries: LiveDeliveries;
    readonly statistics: DeliveryStatistics;
  },
): Dispatcher {
  const attemptOptions = {
    sender,
    targets: new RequestTargets(),
    signingKeys: new SigningKeyCache(),
    schedule: config.retryDelaysMs,
    now,
    random: Math.random,
    onExchange: (exchange: Exchange) => countExchange(metrics, exchange),
    hold: () => ownTrouble.hold(),
  };
  return new Dispatcher({
    queue: storage.queue,
    logger,
    now,
    steadyNow: clock.now,
    attempt: (delivery, onEnd) => makeAttempt(delivery, attemptOptions, onEnd),
    interrupt: () => sender.interrupt(),
    onRecorded: (attempted) => {
      statistics.noteRecorded(attempted);
      liveDeliveries.noteRecorded(attempted);
    },
    stopGraceMs,
    pauseAfterMs: config.pauseAfterMs,
    limits: {
      concurrency: config.deliveryConcurrency,
      concurrencyPerWebhook: config.webhookConcurrency,
      concurrencyPerHost: config.hostConcurrency,
      capacity: DISPATCHER_CAPACITY,
      capacityPerWebhook: DISPATCHER_CAPACITY_PER_WEBHOOK,
      attemptTimeoutMs: config.deliveryTimeoutMs,
    },
  });
}
