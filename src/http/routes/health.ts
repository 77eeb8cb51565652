import { Type } from 'typebox';
import { answerError } from '../hooks/error-answers.ts';
import type { App, Services } from '../server/server.ts';

export function healthRoutes(app: App, { readiness }: Pick<Services, 'readiness'>): void {
  /** The server listens only once all is ready, so that any answer says so. */
  const health = {
    operationId: 'getHealth',
    tags: ['Health'],
    summary: 'Whether the process serves',
    response: { 200: Type.Object({ status: Type.Literal('ok') }) },
  };
  const config = { access: 'public', isProbe: true } as const;
  app.get('/healthz', { config, schema: health }, async () => ({ status: 'ok' as const }));

  const ready = {
    operationId: 'getReadiness',
    tags: ['Health'],
    summary: 'Whether work should be sent here: 503 says why not',
    response: { 200: Type.Object({ status: Type.Literal('ready') }) },
  };
  const errors = {
    storage_full: 'A disk is full.',
    unavailable: 'The service starts or stops, or can not write its database.',
  };
  app.get('/readyz', { config: { ...config, errors }, schema: ready }, async (_request, reply) => {
    const refusal = await readiness.refusal();
    // Answered, not thrown: it is no failure of the request, and not to be logged as one.
    return refusal ? answerError(reply, refusal) : reply.send({ status: 'ready' as const });
  });
}

/** While the service stops, requests on connections that are still open are refused, but for probes. */
export function refuseWhileStopping(app: App, { readiness }: Pick<Services, 'readiness'>): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!readiness.isStopping) return done();
    reply.header('connection', 'close');
    if (request.routeOptions.config.isProbe) return done();
    readiness.refusal().then((refusal) => (refusal ? void answerError(reply, refusal) : done()), done);
  });
}
