import type { FastifyRequest } from 'fastify';
import { type ErrorDetail, ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { suggestionFor } from './nearest-name.ts';
import { shown } from './unknown-fields.ts';

/** Maximum number of unknown parameters that one answer names. */
const MAX_DETAILS = 20;

/**
 * Refuses a request whose query has a parameter that the operation does not know. Otherwise a misspelt filter
 * would be ignored, and the answer would look like that of the whole list.
 *
 * Only operations of the API refuse unknown parameters. Files and players must be answered with any query,
 * because players and caches add parameters of their own; so must probes, because load balancers do.
 */
export function refuseUnknownParameters(app: App): void {
  app.addHook('preValidation', (request, _reply, done) => {
    const details = isOperation(request) ? unknownParametersOf(request) : [];
    if (details.length === 0) return done();
    const text = details.map(({ field, message }) => `${field}: ${message}`).join('; ');
    done(new ServiceError('invalid_request', text, { details }));
  });
}

function isOperation({ routeOptions: { url, schema } }: FastifyRequest): boolean {
  return url?.startsWith('/api/') === true && schema?.hide !== true;
}

function unknownParametersOf({ query, routeOptions: { schema } }: FastifyRequest): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  for (const name in query as object) {
    const known = (schema?.querystring as { properties?: object } | undefined)?.properties ?? {};
    if (Object.hasOwn(known, name)) continue;
    if (details.length === MAX_DETAILS) break;
    const suggestion = suggestionFor(name, Object.keys(known));
    details.push({ field: shown(name), message: `is not a parameter of this operation${suggestion}` });
  }
  return details;
}
