import type { App } from '../app.ts';
import { readConsoleCookies } from '../credentials/console-requests.ts';
import type { KnownConnections } from '../credentials/known-connections.ts';
import { refuseUnknownParameters } from '../misuse/unknown-parameters.ts';
import { useWarnings } from '../misuse/warnings.ts';
import { refuseWrongMethods } from '../misuse/wrong-methods.ts';
import type { Services } from '../services.ts';
import { authenticate } from './authentication.ts';
import { type BegunRequests, knowBegunRequests } from './bodies/begun-requests.ts';
import { useJson } from './bodies/json-bodies.ts';
import { admitBodies, type BodyPools } from './body-memory.ts';
import { cacheAddresses } from './client-address.ts';
import { refuseCrossSiteChanges } from './cross-site.ts';
import { answerErrors } from './error-answers.ts';
import { useLazySerializers } from './lazy-schemas.ts';
import { limitLists } from './list-limit.ts';
import type { RateLimits } from './rate-limits.ts';
import { limitRecords } from './record-limit.ts';
import { refuseWhileStopping } from './refuse-while-stopping.ts';
import { sendRequestIds } from './request-ids.ts';
import { type StalledBodies, watchBodies } from './stalled-bodies.ts';
import { useValidation } from './validation.ts';

/** Parts that hooks need, and that requests share that are answered without hooks. */
export interface HookParts {
  readonly rateLimits: RateLimits;
  readonly connections: KnownConnections;
  readonly bodyPools: BodyPools;
  readonly stalledBodies: StalledBodies;
  readonly begunRequests: BegunRequests;
}

/** Registers the hooks that run for every request, in the order in which they run. */
export function registerHooks(
  app: App,
  services: Pick<
    Services,
    'authenticator' | 'console' | 'metrics' | 'publicUrl' | 'readiness' | 'recordQuota'
  >,
  { rateLimits, connections, bodyPools, stalledBodies, begunRequests }: HookParts,
): void {
  sendRequestIds(app);
  knowBegunRequests(app, begunRequests);
  refuseWhileStopping(app, services);
  useValidation(app);
  useLazySerializers(app);
  answerErrors(app, (request) => rateLimits.fail(request));
  cacheAddresses(app.server);
  watchBodies(app, stalledBodies);
  useJson(app);
  admitBodies(app, bodyPools, () => services.metrics.requestsRefused.bodies.inc());
  readConsoleCookies(app, { publicUrl: services.publicUrl, isOn: services.console.isOn });
  authenticate(app, { authenticator: services.authenticator, limits: rateLimits, connections });
  refuseCrossSiteChanges(app, services.publicUrl);
  limitRecords(app, services.recordQuota);
  limitLists(app, () => services.metrics.requestsRefused.lists.inc());
  refuseWrongMethods(app);
  refuseUnknownParameters(app);
  useWarnings(app);
}
