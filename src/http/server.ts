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
import type { Authenticator } from '../accounts/authenticate.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import type { EgressPolicy } from '../delivery/egress.ts';
import type { RecoveryRunner } from '../delivery/recovery-runner.ts';
import type { Sender } from '../delivery/sender.ts';
import type { Publisher } from '../events/publisher.ts';
import type { Pipeline } from '../media/pipeline.ts';
import type { Storage } from '../storage/storage.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import { authenticate } from './authentication.ts';
import { answerBadPath, answerClientError, answerErrors } from './error-answers.ts';
import { useFileForms } from './file-form.ts';
import { describeApi } from './openapi.ts';
import { requestIds, tellRequestIds } from './request-ids.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { assetRoutes } from './routes/assets.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes, refuseWhileStopping } from './routes/health.ts';
import { mediaRoutes } from './routes/media.ts';
import { mediaCostRoutes } from './routes/media-cost.ts';
import { metricsRoute } from './routes/metrics.ts';
import { playerRoutes } from './routes/player.ts';
import { recoveryRoutes } from './routes/recoveries.ts';
import { thumbnailRoutes } from './routes/thumbnails.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { userRoutes } from './routes/user.ts';
import { webhookCheckRoutes } from './routes/webhook-check.ts';
import { webhookKeyRoutes } from './routes/webhook-keys.ts';
import { webhookPauseRoutes } from './routes/webhook-pauses.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { cutOffStalledBodies } from './stalled-bodies.ts';
import { useValidation } from './validation.ts';

/** Everything that routes work with. */
export interface Services {
  readonly storage: Storage;
  readonly authenticator: Authenticator;
  readonly publisher: Publisher;
  readonly dispatcher: Dispatcher;
  readonly recoveryRunner: RecoveryRunner;
  readonly sender: Sender;
  readonly egress: EgressPolicy;
  readonly pipeline: Pipeline;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Null where anyone may read the metrics. */
  readonly metricsToken: string | null;
  readonly readiness: Readiness;
  /** Absolute path of the folder for media files. */
  readonly dataDir: string;
  readonly maxMediaBytes: number;
  readonly ffmpegPath: string;
  /** What links begin with; known once the service listens. */
  readonly publicUrl: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** The largest body that is not an upload: a thousand events of a few KiB each. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Longer than a phone needs to change from one network to another. */
const BODY_IDLE_MS = 60_000;

export interface ServerLimits {
  /** A request of whose body nothing comes for so long is cut off; `BODY_IDLE_MS` if left out. */
  readonly bodyIdleMs?: number;
}

export async function buildServer(services: Services, limits: ServerLimits = {}): Promise<App> {
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
    http: { requireHostHeader: false },
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
  answerErrors(app);
  cutOffStalledBodies(app, limits.bodyIdleMs ?? BODY_IDLE_MS);
  useJson(app);
  await app.register(formbody);
  await describeApi(app);
  authenticate(app, services.authenticator);
  await app.register((api) => registerApi(api, services), { prefix: '/api' });
  healthRoutes(app, services);
  metricsRoute(app, services);
  playerRoutes(app, services);
  await app.register((assets) => assetRoutes(assets as App, services), { prefix: '/assets' });
  return app;
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
  recoveryRoutes(api, services);
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
}

function useJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  // No route takes plain text; the framework would, and then find that it is no object.
  app.removeContentTypeParser('text/plain');
  // The public clients announce JSON with requests that have no body, too.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, body as string, done);
  });
  // The public Node client reads no body whose type carries a charset, and the framework would add one.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('application/json;')) {
      reply.removeHeader('content-type');
      reply.raw.setHeader('content-type', 'application/json');
    }
    done(null, payload);
  });
}
