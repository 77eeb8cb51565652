import formbody from '@fastify/formbody';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { App } from '../app.ts';
import { answerBadPath, answerClientError } from '../hooks/error-answers.ts';
import { registerHooks } from '../hooks/hooks.ts';
import { type RateLimitName, RateLimits, type Rates } from '../hooks/rate-limits.ts';
import { requestIds } from '../hooks/request-ids.ts';
import { registerRoutes } from '../routes/routes.ts';
import type { Services } from '../services.ts';
import { describeApi } from './describe-api.ts';

/** Maximum bytes of a body that is neither an upload nor events: a media with all tags and metadata that it may have. */
const MAX_BODY_BYTES = 512 * 1024;
/** Maximum bytes of a form without a file. */
const MAX_FORM_BYTES = 64 * 1024;

/** Maximum bytes of the URL and all headers of a request. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Milliseconds within which all headers must arrive. */
const HEADERS_MS = 20_000;
/** Milliseconds between two checks for late headers. */
const CHECK_HEADERS_MS = 5_000;
/** Milliseconds that a connection may be idle between two requests. */
const KEEP_ALIVE_MS = 72_000;

/** Milliseconds without progress after which a body is cut off: longer than a phone needs to change networks. */
const BODY_IDLE_MS = 60_000;

export interface ServerLimits {
  /** Milliseconds without progress after which a request body is cut off; `BODY_IDLE_MS` if left out. */
  readonly bodyIdleMs?: number;
  /** Milliseconds within which all headers of a request must arrive; `HEADERS_MS` if left out. */
  readonly headersMs?: number;
  /** Milliseconds after which a connection without a request is closed; `KEEP_ALIVE_MS` if left out. */
  readonly keepAliveMs?: number;
}

/** Limits that the operator sets for clients. */
export interface ClientLimits {
  readonly rates: Rates;
  /** Addresses and networks of reverse proxies whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: readonly string[];
  readonly maxConnections: number;
}

/** Builds the HTTP server with all routes. It does not listen yet. */
export async function buildServer(
  services: Services,
  clients: ClientLimits,
  limits: ServerLimits = {},
): Promise<App> {
  const { headersMs = HEADERS_MS } = limits;
  const rateLimits = rateLimitsOf(services, clients);
  const newRequestId = requestIds();
  const app: App = fastify({
    // Fastify's messages of the level info only repeat ours.
    loggerInstance: services.logger.child(
      {},
      { level: withoutInfo(services.logger.level) },
    ) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A child logger per request would be a needless cost: our log entries name the request themselves.
    childLoggerFactory: (logger) => logger,
    bodyLimit: MAX_BODY_BYTES,
    genReqId: newRequestId,
    // `refuseWhileStopping` answers 503 in the contract's form.
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
    // The public Node client's uploadVideo() uses an old name of media in its paths.
    rewriteUrl: ({ url = '/' }) =>
      url.replace(/^\/api\/videos\/([^/]+\/(?:part|complete))$/, '/api/media/$1'),
  }).withTypeProvider<TypeBoxTypeProvider>();
  boundConnections(app, services, clients);
  registerHooks(app, services, { rateLimits, bodyIdleMs: limits.bodyIdleMs ?? BODY_IDLE_MS });
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES });
  await describeApi(app);
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

function withoutInfo(level: string): string {
  return level === 'info' ? 'warn' : level;
}
