import type { App } from '../app.ts';
import type { Services } from '../services.ts';
import { answerError } from './error-answers.ts';

/**
 * While the service stops, refuses all requests that arrive on open connections, except those of monitoring
 * probes.
 */
export function refuseWhileStopping(app: App, { readiness }: Pick<Services, 'readiness'>): void {
  app.addHook('onRequest', (request, reply, done) => {
    // A request that was begun arrived before the stop.
    if (!readiness.isStopping || request.begun) return done();
    reply.header('connection', 'close');
    if (request.routeOptions.config.isProbe) return done();
    readiness.refusal().then((refusal) => (refusal ? void answerError(reply, refusal) : done()), done);
  });
}
