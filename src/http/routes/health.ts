import { Type } from 'typebox';
import type { App } from '../app.ts';
import { answerError } from '../hooks/error-answers.ts';
import type { Services } from '../services.ts';

/** Registers the routes with which orchestrators and load balancers check the health of the service. */
export function healthRoutes(app: App, { readiness }: Pick<Services, 'readiness'>): void {
  // The answer is always `ok`: the server listens only after all parts have started, so the process
  // serves if it answers.
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
    summary: 'Whether requests should be sent here; a 503 says why not',
    response: { 200: Type.Object({ status: Type.Literal('ready') }) },
  };
  const errors = {
    storage_full: 'A disk is full.',
    unavailable: 'The service is starting or stopping, or cannot write its database.',
  };
  app.get('/readyz', { config: { ...config, errors }, schema: ready }, async (_request, reply) => {
    const refusal = await readiness.refusal();
    // Sends the error instead of throwing it, because a thrown error is logged as a failure of the request.
    return refusal ? answerError(reply, refusal) : reply.send({ status: 'ready' as const });
  });
}
