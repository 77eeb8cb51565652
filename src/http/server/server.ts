import formbody from '@fastify/formbody';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { App } from '../app.ts';
import { authenticate } from '../hooks/authentication.ts';
import { noteAddresses } from '../hooks/client-address.ts';
import { crossSiteRefusal } from '../hooks/cross-site.ts';
import { answerBadPath, answerClientError, answerErrors } from '../hooks/error-answers.ts';
import { useJson } from '../hooks/json-bodies.ts';
import { type RateLimitName, RateLimits, type Rates } from '../hooks/rate-limits.ts';
import { refuseWhileStopping } from '../hooks/refuse-while-stopping.ts';
import { requestIds, tellRequestIds } from '../hooks/request-ids.ts';
import { cutOffStalledBodies } from '../hooks/stalled-bodies.ts';
import { useValidation } from '../hooks/validation.ts';
import { registerRoutes } from '../routes/routes.ts';
import type { Services } from '../services.ts';
import { describeApi } from './describe-api.ts';

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
  await registerRoutes(app, services, rateLimits);
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
