import type { App } from '../app.ts';
import { refuseUnknownParameters } from '../misuse/unknown-parameters.ts';
import { useWarnings } from '../misuse/warnings.ts';
import { refuseWrongMethods } from '../misuse/wrong-methods.ts';
import type { Services } from '../services.ts';
import { authenticate } from './authentication.ts';
import { useJson } from './bodies/json-bodies.ts';
import { admitBodies, type BodyMemory } from './body-memory.ts';
import { cacheAddresses } from './client-address.ts';
import { refuseCrossSiteChanges } from './cross-site.ts';
import { answerErrors } from './error-answers.ts';
import { useLazySerializers } from './lazy-schemas.ts';
import { limitLists } from './list-limit.ts';
import type { RateLimits } from './rate-limits.ts';
import { limitRecords } from './record-limit.ts';
import { refuseWhileStopping } from './refuse-while-stopping.ts';
import { sendRequestIds } from './request-ids.ts';
import { cutOffStalledBodies } from './stalled-bodies.ts';
import { useValidation } from './validation.ts';

export interface HookOptions {
  readonly rateLimits: RateLimits;
  /** If no new byte of a request body arrives for this many milliseconds, the connection is closed. */
  readonly bodyIdleMs: number;
  readonly bodyMemory: BodyMemory;
}

/** Registers the hooks that run for every request, in the order in which they run. */
export function registerHooks(
  app: App,
  services: Pick<Services, 'authenticator' | 'metrics' | 'publicUrl' | 'readiness' | 'recordQuota'>,
  { rateLimits, bodyIdleMs, bodyMemory }: HookOptions,
): void {
  sendRequestIds(app);
  refuseWhileStopping(app, services);
  useValidation(app);
  useLazySerializers(app);
  answerErrors(app, (request) => rateLimits.fail(request));
  cacheAddresses(app.server);
  cutOffStalledBodies(app, bodyIdleMs);
  useJson(app);
  admitBodies(app, bodyMemory, () => services.metrics.requestsRefused.bodies.inc());
  authenticate(app, services.authenticator, rateLimits);
  refuseCrossSiteChanges(app, services.publicUrl);
  limitRecords(app, services.recordQuota);
  limitLists(app, () => services.metrics.requestsRefused.lists.inc());
  refuseWrongMethods(app);
  refuseUnknownParameters(app);
  useWarnings(app);
}
