import type { Config } from '../config/config.ts';
import { linkKeyFile } from '../data-folder/paths.ts';
import type { OwnInboxes } from '../delivery/egress/own-inboxes.ts';
import { listen, stopListening } from '../http/server/listening.ts';
import { buildServer, type ClientLimits, type ServerLimits } from '../http/server/server.ts';
import type { ConsoleOptions, Services } from '../http/services.ts';
import { EventStreams } from '../http/streams/event-streams.ts';
import { openLinkKey } from '../media/link-key.ts';
import { MediaLinks } from '../media/links.ts';
import type { Stops } from '../platform/lifecycle.ts';
import type { WebhookStore } from '../storage/contracts/webhooks.ts';
import { Inboxes } from '../webhooks/inbox/inboxes.ts';

/** Members of `Services` that this module creates from the settings and from the address of the server. */
type OwnServices =
  | 'links'
  | 'metricsToken'
  | 'dataDir'
  | 'publicUrl'
  | 'console'
  | 'eventStreams'
  | 'inboxes';

export interface HttpOptions {
  readonly webhooks: WebhookStore;
  /** `null`: inboxes are off. */
  readonly ownInboxes: OwnInboxes | null;
  /** Maximum milliseconds to wait for requests in progress when the service stops. */
  readonly stopGraceMs: number;
  readonly limits: ServerLimits;
}

/** Starts the HTTP server, and returns the URL on which the server listens. */
export async function startHttp(
  config: Config,
  started: Omit<Services, OwnServices>,
  { stopGraceMs, limits, ownInboxes, webhooks }: HttpOptions,
  stops: Stops,
): Promise<string> {
  let url = '';
  const publicUrl = () => config.publicUrl ?? url;
  const eventStreams = new EventStreams(started.authenticator);
  const services: Services = {
    ...started,
    links: await createLinks(config, started.now),
    metricsToken: config.metricsToken,
    dataDir: config.dataDir,
    publicUrl,
    console: consoleOptionsOf(config),
    eventStreams,
    inboxes: ownInboxes && new Inboxes({ webhooks, publicUrl, now: started.now }),
  };
  const app = await buildServer(services, clientLimitsOf(config), limits);
  stops.push(() => stopListening(app, stopGraceMs));
  // Streams would keep the server from stopping.
  stops.push(() => eventStreams.close());
  stops.push(() => started.readiness.stopping());
  url = await listen(app, config);
  ownInboxes?.open({ publicUrl: publicUrl(), listeningUrl: url });
  started.readiness.started();
  return url;
}

async function createLinks({ dataDir, linkTtlMs: ttlMs }: Config, now: () => number): Promise<MediaLinks> {
  return new MediaLinks({ key: await openLinkKey(linkKeyFile(dataDir)), ttlMs, now });
}

function consoleOptionsOf(config: Config): ConsoleOptions {
  const { maxWebhooks: webhooks, maxApiKeys: apiKeys } = config;
  const { maxMediaBytes: mediaBytes, maxAccountBytes: accountBytes } = config;
  return {
    isOn: config.console,
    embedOrigins: config.consoleEmbedOrigins,
    accent: config.consoleAccent,
    logo: config.consoleLogo,
    hasInboxes: config.inbox,
    limits: { webhooks, apiKeys, mediaBytes, accountBytes },
  };
}

function clientLimitsOf(config: Config): ClientLimits {
  const { accountRate, addressRate, unauthorizedRate, trustProxy, maxConnections } = config;
  const rates = { account: accountRate, address: addressRate, unauthorized: unauthorizedRate };
  return { rates, trustProxy, maxConnections };
}
