import { Type } from 'typebox';
import type { App } from '../app.ts';
import { answerError } from '../hooks/error-answers.ts';
import type { Services } from '../services.ts';

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
