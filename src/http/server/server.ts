import formbody from '@fastify/formbody';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import type { Authenticator } from '../../accounts/authenticator.ts';
import type { Passwords } from '../../accounts/passwords.ts';
import type { Tokens } from '../../accounts/tokens.ts';
import type { Sender } from '../../delivery/attempt/sender.ts';
import type { BulkResendRunner } from '../../delivery/bulk-resend/runner.ts';
import type { Dispatcher } from '../../delivery/dispatcher.ts';
import type { EgressPolicy } from '../../delivery/egress/policy.ts';
import type { Publisher } from '../../events/publisher.ts';
import type { Logger } from '../../logging/logger.ts';
import type { MediaLimits } from '../../media/encoding/ffmpeg/limits.ts';
import type { Pipeline } from '../../media/encoding/pipeline.ts';
import type { MediaLinks } from '../../media/links.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Readiness } from '../../observability/readiness.ts';
import type { Storage } from '../../storage/contracts/storage.ts';
import { useFileForms } from '../file-form.ts';
import { authenticate } from '../hooks/authentication.ts';
import { noteAddresses } from '../hooks/client-address.ts';
import { crossSiteRefusal } from '../hooks/cross-site.ts';
import { answerBadPath, answerClientError, answerErrors } from '../hooks/error-answers.ts';
import { useJson } from '../hooks/json-bodies.ts';
import { type RateLimitName, RateLimits, type Rates } from '../hooks/rate-limits.ts';
import { requestIds, tellRequestIds } from '../hooks/request-ids.ts';
import { cutOffStalledBodies } from '../hooks/stalled-bodies.ts';
import { useValidation } from '../hooks/validation.ts';
import { describeApi } from '../openapi/describe-api.ts';
import { accountRoutes } from '../routes/accounts/accounts.ts';
import { apiKeyRoutes } from '../routes/accounts/api-keys.ts';
import { auditRoutes } from '../routes/accounts/audit.ts';
import { authRoutes } from '../routes/accounts/auth.ts';
import { userRoutes } from '../routes/accounts/user.ts';
import { eventRoutes } from '../routes/events.ts';
import { healthRoutes, refuseWhileStopping } from '../routes/health.ts';
import { assetRoutes } from '../routes/media/assets.ts';
import { mediaRoutes } from '../routes/media/media.ts';
import { mediaCostRoutes } from '../routes/media/media-cost.ts';
import { playerRoutes } from '../routes/media/player.ts';
import { thumbnailRoutes } from '../routes/media/thumbnails.ts';
import { uploadRoutes } from '../routes/media/uploads.ts';
import { metricsRoute } from '../routes/metrics.ts';
import { bulkResendRoutes } from '../routes/webhooks/bulk-resends.ts';
import { webhookCheckRoutes } from '../routes/webhooks/check.ts';
import { deliveryRoutes } from '../routes/webhooks/deliveries.ts';
import { webhookPauseRoutes } from '../routes/webhooks/pauses.ts';
import { webhookKeyRoutes } from '../routes/webhooks/signing-keys.ts';
import { webhookRoutes } from '../routes/webhooks/webhooks.ts';

/** Everything that routes work with. */
export interface Services {
  readonly storage: Storage;
  readonly authenticator: Authenticator;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly publisher: Publisher;
  readonly dispatcher: Dispatcher;
  readonly bulkResendRunner: BulkResendRunner;
  readonly sender: Sender;
  readonly egress: EgressPolicy;
  readonly pipeline: Pipeline;
  readonly links: MediaLinks;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Null where anyone may read the metrics. */
  readonly metricsToken: string | null;
  readonly readiness: Readiness;
  /** Absolute path of the folder for media files. */
  readonly dataDir: string;
  readonly maxMediaBytes: number;
  readonly accountLimits: AccountLimits;
  readonly ffmpegPath: string;
  readonly mediaLimits: MediaLimits;
  /** What links begin with; known once the service listens. */
  readonly publicUrl: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How much of each an account may have; null for no limit. */
export interface AccountLimits {
  readonly webhooks: number | null;
  readonly apiKeys: number | null;
  readonly openUploads: number | null;
  /** Of media, uploaded and not deleted. */
  readonly bytes: number | null;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** The largest body that is neither an upload nor events: a media with all the tags and metadata that it may have. */
const MAX_BODY_BYTES = 512 * 1024;
/** The largest form without a file. */
const MAX_FORM_BYTES = 64 * 1024;

/** All headers of a request together, and its URL. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How long they may take to arrive, and how often that is looked at. */
const HEADERS_MS = 20_000;
const LOOK_EVERY_MS = 5_000;
/** Of a connection, between two requests. */
const KEEP_ALIVE_MS = 72_000;

/** Longer than a phone needs to change from one network to another. */
const BODY_IDLE_MS = 60_000;

export interface ServerLimits {
  /** A request of whose body nothing comes for so long is cut off; `BODY_IDLE_MS` if left out. */
  readonly bodyIdleMs?: number;
  /** The same for the whole of its headers; `HEADERS_MS` if left out. */
  readonly headersMs?: number;
  /** A connection without a request is closed after so long; `KEEP_ALIVE_MS` if left out. */
  readonly keepAliveMs?: number;
}

/** What clients may ask for, by the operator's settings. */
export interface ClientLimits {
  readonly rates: Rates;
  /** Addresses and networks of proxies that say whom they ask for. */
  readonly trustProxy: readonly string[];
  readonly maxConnections: number;
}

export async function buildServer(
  services: Services,
  clients: ClientLimits,
  limits: ServerLimits = {},
): Promise<App> {
  const { headersMs = HEADERS_MS } = limits;
  const rateLimits = rateLimitsOf(services, clients);
  const newRequestId = requestIds();
  const app: App = fastify({
    // Its own lines of information say nothing that ours do not.
    loggerInstance: services.logger.child({}, { level: quieter(services.logger.level) }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger of its own costs each request more than its few lines of log are worth: they name the request themselves.
    childLoggerFactory: (logger) => logger,
    bodyLimit: MAX_BODY_BYTES,
    genReqId: newRequestId,
    // `refuseWhileStopping` does it, in the contract's form.
    return503OnClosing: false,
    http: {
      requireHostHeader: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headersMs,
      connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, headersMs),
    },
    keepAliveTimeout: limits.keepAliveMs ?? KEEP_ALIVE_MS,
    trustProxy: clients.trustProxy.length > 0 && [...clients.trustProxy],
    clientErrorHandler: (error, socket) => answerClientError(error, socket, newRequestId({ headers: {} })),
    frameworkErrors: answerBadPath,
    routerOptions: { maxParamLength: 300 },
    // The public Node client's uploadVideo() calls media by their former name.
    rewriteUrl: ({ url = '/' }) =>
      url.replace(/^\/api\/videos\/([^/]+\/(?:part|complete))$/, '/api/media/$1'),
  }).withTypeProvider<TypeBoxTypeProvider>();
  tellRequestIds(app);
  refuseWhileStopping(app, services);
  useValidation(app);
  answerErrors(app, (request) => rateLimits.fail(request));
  boundConnections(app, services, clients);
  noteAddresses(app.server);
  cutOffStalledBodies(app, limits.bodyIdleMs ?? BODY_IDLE_MS);
  useJson(app);
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES });
  await describeApi(app);
  authenticate(app, services.authenticator, rateLimits);
  const ownHost = () => URL.parse(services.publicUrl())?.host;
  app.addHook('onRequest', (request, _reply, done) => done(crossSiteRefusal(request, ownHost)));
  await app.register((api) => registerApi(api, services), { prefix: '/api' });
  healthRoutes(app, services);
  metricsRoute(app, services, rateLimits);
  playerRoutes(app, services);
  await app.register((assets) => assetRoutes(assets as App, services), { prefix: '/assets' });
  return app;
}

function rateLimitsOf({ metrics }: Services, { rates }: ClientLimits): RateLimits {
  const onRefused = (limit: RateLimitName) => metrics.requestsRefused[limit].inc();
  return new RateLimits({ rates, onRefused, now: () => performance.now() });
}

function boundConnections({ server }: App, { metrics }: Services, { maxConnections }: ClientLimits): void {
  server.maxConnections = maxConnections;
  server.on('drop', () => metrics.requestsRefused.connections.inc());
}

function quieter(level: string): string {
  return level === 'info' ? 'warn' : level;
}

async function registerApi(instance: FastifyInstance, services: Services): Promise<void> {
  const api = instance as App;
  webhookRoutes(api, services);
  webhookCheckRoutes(api, services);
  webhookPauseRoutes(api, services);
  webhookKeyRoutes(api, services);
  deliveryRoutes(api, services);
  bulkResendRoutes(api, services);
  eventRoutes(api, services);
  mediaRoutes(api, services);
  await api.register(async (forms) => {
    await useFileForms(forms as App);
    uploadRoutes(forms as App, services);
    thumbnailRoutes(forms as App, services);
  });
  mediaCostRoutes(api);
  apiKeyRoutes(api, services);
  userRoutes(api);
  authRoutes(api, services);
  accountRoutes(api, services);
  auditRoutes(api, services);
}
