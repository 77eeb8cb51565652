import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route changes stored data. By default, every method but GET, HEAD and OPTIONS does. */
    writes?: boolean;
  }
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses changes that a browser requests for a page of another site. @param publicUrl returns the service's own URL */
export function refuseCrossSiteChanges(app: FastifyInstance, publicUrl: () => string): void {
  const ownHost = () => URL.parse(publicUrl())?.host;
  app.addHook('onRequest', (request, _reply, done) => done(crossSiteRefusal(request, ownHost)));
}

/**
 * Returns why a change must be refused that a browser requests for a page of another site or host; `undefined` if it is
 * allowed. Only Basic credentials matter, because a browser sends them without being asked once a person has typed them
 * into its prompt. Keys in their own headers need a preflight, which the API never grants, so a program has sent them.
 * Sibling hosts (`same-site`) are refused too, because they may serve pages of anybody.
 * @param ownHost returns the host of the public URL
 */
function crossSiteRefusal(
  request: FastifyRequest,
  ownHost: () => string | undefined,
): ServiceError | undefined {
  const { headers } = request;
  const { 'sec-fetch-site': site, origin } = headers;
  // Clients other than browsers send neither header.
  if (site === undefined && origin === undefined) return undefined;
  if (READING.has(request.method) && !request.routeOptions.config.writes) return undefined;
  if (!/^\s*basic\s/i.test(headers.authorization ?? '') || headers['stream-secret-key']) return undefined;
  // Browsers send the site only over https and to localhost, and the origin with every request but plain GETs.
  const isOwn =
    site === undefined
      ? isOwnOrigin(origin, headers.host, ownHost())
      : site === 'same-origin' || site === 'none';
  if (isOwn) return undefined;
  return new ServiceError(
    'cross_site_request',
    'a page of another site must not change anything with Basic credentials; use a bearer token, or the headers stream-public-key and stream-secret-key',
  );
}

function isOwnOrigin(origin: string | undefined, ...own: (string | undefined)[]): boolean {
  const host = URL.parse(origin ?? '')?.host;
  return host !== undefined && own.includes(host);
}
