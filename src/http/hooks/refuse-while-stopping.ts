import type { App } from '../app.ts';
import type { Services } from '../services.ts';
import { answerError } from './error-answers.ts';

/** Refuses requests on open connections while the service stops, except probes. */
export function refuseWhileStopping(app: App, { readiness }: Pick<Services, 'readiness'>): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!readiness.isStopping) return done();
    reply.header('connection', 'close');
    if (request.routeOptions.config.isProbe) return done();
    readiness.refusal().then((refusal) => (refusal ? void answerError(reply, refusal) : done()), done);
  });
}
