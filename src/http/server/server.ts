import formbody from '@fastify/formbody';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { App } from '../app.ts';
import { KnownConnections } from '../credentials/known-connections.ts';
import { BODY_MEMORY, type BodyMemory, BodyPools } from '../hooks/body-memory.ts';
import { answerBadPath, answerClientError } from '../hooks/error-answers.ts';
import { type HookParts, registerHooks } from '../hooks/hooks.ts';
import { COMPILERS_OF_ROUTES } from '../hooks/lazy-schemas.ts';
import { type RateLimitName, RateLimits, type Rates } from '../hooks/rate-limits.ts';
import { requestIds } from '../hooks/request-ids.ts';
import { StalledBodies } from '../hooks/stalled-bodies.ts';
import { publishDirectly } from '../publishing/publish-directly.ts';
import { MOST_SENT_FILES } from '../routes/media/sent-files.ts';
import { registerRoutes } from '../routes/routes.ts';
import type { Services } from '../services.ts';
import { describeApi } from './describe-api.ts';

/**
 * Maximum bytes of a body that is neither an upload nor a list of events. A media with the maximum number of
 * tags and metadata fits.
 */
const MAX_BODY_BYTES = 512 * 1024;
/** Maximum bytes of a URL-encoded form, which can't contain a file. */
const MAX_FORM_BYTES = 64 * 1024;

/** Maximum bytes of the URL and all headers of a request. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Milliseconds within which all headers of a request must arrive. */
const HEADERS_MS = 20_000;
/** Milliseconds between two checks for requests whose headers have not arrived in time. */
const CHECK_HEADERS_MS = 5_000;
/** Milliseconds that a connection can be idle between two requests. */
const KEEP_ALIVE_MS = 72_000;

/**
 * If no new byte of a request body arrives for this many milliseconds, or the client takes none of an answer, the connection
 * is closed. A phone needs less time than this to change networks.
 */
const BODY_IDLE_MS = 60_000;

export interface ServerLimits {
  /**
   * If no new byte of a request body arrives for this many milliseconds, or the client takes none of an answer, the
   * connection is closed; default `BODY_IDLE_MS`.
   */
  readonly bodyIdleMs?: number;
  /** Numbers of bytes that all requests in progress may hold together; default `BODY_MEMORY`. */
  readonly bodyMemory?: BodyMemory;
  /** Milliseconds within which all headers of a request must arrive; default `HEADERS_MS`. */
  readonly headersMs?: number;
  /** Milliseconds after which a connection without a request is closed; default `KEEP_ALIVE_MS`. */
  readonly keepAliveMs?: number;
  /** Maximum number of files of media that are sent at the same time; default `MOST_SENT_FILES`. */
  readonly sentFiles?: number;
  /** Whether ordinary requests to publish events are answered without Fastify; default true. */
  readonly publishesDirectly?: boolean;
}

/** Limits for clients, which the operator configures. */
export interface ClientLimits {
  readonly rates: Rates;
  /** Addresses and networks of reverse proxies whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: readonly string[];
  readonly maxConnections: number;
}

/** Builds the HTTP server with all routes, but does not start listening. */
export async function buildServer(
  services: Services,
  clients: ClientLimits,
  limits: ServerLimits = {},
): Promise<App> {
  const { headersMs = HEADERS_MS } = limits;
  const rateLimits = rateLimitsOf(services, clients);
  const newRequestId = requestIds();
  const app: App = fastify({
    // Suppresses Fastify's log entries of the level info, because they only repeat entries of the service.
    loggerInstance: services.logger.child(
      {},
      { level: withoutInfo(services.logger.level) },
    ) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // Uses the same logger for all requests. The service's log entries name the request, so a child logger
    // for each request would only cost time.
    childLoggerFactory: (logger) => logger,
    bodyLimit: MAX_BODY_BYTES,
    schemaController: { compilersFactory: COMPILERS_OF_ROUTES },
    genReqId: newRequestId,
    // Turns off Fastify's 503 while the service stops. `refuseWhileStopping` answers the
    // API's own 503 instead.
    return503OnClosing: false,
    http: {
      requireHostHeader: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headersMs,
      connectionsCheckingInterval: Math.min(CHECK_HEADERS_MS, headersMs),
    },
    keepAliveTimeout: limits.keepAliveMs ?? KEEP_ALIVE_MS,
    trustProxy: clients.trustProxy.length > 0 && [...clients.trustProxy],
    clientErrorHandler: (error, socket) => answerClientError(error, socket, newRequestId({ headers: {} })),
    frameworkErrors: answerBadPath,
    routerOptions: { maxParamLength: 300 },
    // Accepts the paths that uploadVideo() in the public Node client of the AIOZ Stream API uses. They
    // contain `videos` instead of `media`.
    rewriteUrl: ({ url = '/' }) =>
      url.startsWith('/api/videos/')
        ? url.replace(/^\/api\/videos\/([^/]+\/(?:part|complete))$/, '/api/media/$1')
        : url,
  }).withTypeProvider<TypeBoxTypeProvider>();
  boundConnections(app, services, clients);
  const parts: HookParts = {
    rateLimits,
    connections: new KnownConnections(services.authenticator),
    bodyPools: new BodyPools(limits.bodyMemory ?? BODY_MEMORY),
    stalledBodies: new StalledBodies(app.server, limits.bodyIdleMs ?? BODY_IDLE_MS),
    begunRequests: new WeakMap(),
  };
  registerHooks(app, services, parts);
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES });
  describeApi(app, { hasConsole: services.console.isOn });
  await registerRoutes(app, services, rateLimits, limits.sentFiles ?? MOST_SENT_FILES);
  if (limits.publishesDirectly ?? true) publishDirectly(app, { ...parts, services, newRequestId });
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

function withoutInfo(level: string): string {
  return level === 'info' ? 'warn' : level;
}
