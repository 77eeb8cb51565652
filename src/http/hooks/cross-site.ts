import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether it changes what is stored. By default, whatever is no GET does. */
    writes?: boolean;
  }
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Why to refuse a change that a browser makes for a page of another site or host, by a key that somebody once typed
 * into the browser's own prompt: of all credentials, a browser sends those of Basic alone unasked. Keys in headers of
 * their own need a preflight, which the API answers for nobody: a program sent them, Basic beside them or not.
 * A sibling host (`same-site`) is refused, too: what it serves may be anybody's.
 * @param ownHost that of the public URL
 */
export function crossSiteRefusal(
  request: FastifyRequest,
  ownHost: () => string | undefined,
): ServiceError | undefined {
  const { headers } = request;
  const { 'sec-fetch-site': site, origin } = headers;
  // What is no browser sends neither.
  if (site === undefined && origin === undefined) return undefined;
  if (READING.has(request.method) && !request.routeOptions.config.writes) return undefined;
  if (!/^\s*basic\s/i.test(headers.authorization ?? '') || headers['stream-secret-key']) return undefined;
  // Browsers tell the site over https and to localhost alone, and the origin with all but plain GETs.
  const isOwn =
    site === undefined
      ? isOwnOrigin(origin, headers.host, ownHost())
      : site === 'same-origin' || site === 'none';
  if (isOwn) return undefined;
  return new ServiceError(
    'cross_site_request',
    'a page of another site may change nothing by Basic credentials; use a bearer token, or the headers stream-public-key and stream-secret-key',
  );
}

function isOwnOrigin(origin: string | undefined, ...own: (string | undefined)[]): boolean {
  const host = URL.parse(origin ?? '')?.host;
  return host !== undefined && own.includes(host);
}
