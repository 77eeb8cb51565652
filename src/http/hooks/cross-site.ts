import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';
import { isOwnOrigin } from '../credentials/own-origin.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Whether the route changes stored data. The default is true for all methods except
     * GET, HEAD and OPTIONS.
     */
    writes?: boolean;
  }
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a request if it changes data and a browser sends it for a page of another site.
 * @param publicUrl returns the service's own URL
 */
export function refuseCrossSiteChanges(app: FastifyInstance, publicUrl: () => string): void {
  const ownHost = () => URL.parse(publicUrl())?.host;
  app.addHook('onRequest', (request, _reply, done) => done(crossSiteRefusal(request, ownHost)));
}

/**
 * Returns the error for a change that a browser requests for a page of another site or host; `undefined` if
 * the request is allowed.
 * - Only requests with Basic credentials are refused: once a person has typed credentials into the
 *   browser's prompt, the browser adds them to requests of all pages.
 * - Requests with an API key in headers of its own are allowed. A browser would send a CORS preflight
 *   first, and the API never grants a preflight, so a program has sent the request.
 * - Requests of sibling hosts (`same-site`) are refused too, because their pages can belong to anybody.
 * @param ownHost returns the host of the public URL
 */
function crossSiteRefusal(
  request: FastifyRequest,
  ownHost: () => string | undefined,
): ServiceError | undefined {
  const { headers } = request;
  const { 'sec-fetch-site': site, origin } = headers;
  // Allows a request without `Sec-Fetch-Site` and `Origin`, because clients other than browsers send neither.
  if (site === undefined && origin === undefined) return undefined;
  if (READING.has(request.method) && !request.routeOptions.config.writes) return undefined;
  if (!/^\s*basic\s/i.test(headers.authorization ?? '') || headers['stream-secret-key']) return undefined;
  // Browsers send `Sec-Fetch-Site` only over https and to localhost. They send `Origin` with every request
  // except a plain GET.
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
