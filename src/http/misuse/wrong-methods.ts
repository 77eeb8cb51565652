import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';

/** The methods that are accepted at the paths of one pattern. */
interface Place {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers a request to a path that exists, but not with the method of the request: 405, with the header
 * `Allow`. Must be registered before all routes.
 */
export function refuseWrongMethods(app: App): void {
  const places = new Map<string, Place>();
  app.addHook('onRoute', ({ method, url }) => {
    const place = places.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) place.methods.add(one);
    places.set(url, place);
  });
  // The hook runs before the body is read, so that a body of a wrong type or size does not hide the method.
  app.addHook('preParsing', (request, reply, payload, done) => {
    const allowed = request.is404 ? methodsAt(request.url, places.values()) : [];
    if (allowed.length === 0) return done(null, payload);
    reply.header('allow', allowed.join(', '));
    const message = `${request.method} is not a method of this path; use ${allowed.join(', ')}`;
    done(new ServiceError('method_not_allowed', message));
  });
}

/**
 * Returns the methods that are accepted at a path. Empty: there is nothing at the path. A path that accepts only
 * preflights does not count, because preflights are accepted for all files, those that do not exist included.
 */
function methodsAt(url: string, places: Iterable<Place>): string[] {
  const path = url.split('?', 1)[0] ?? '';
  const methods = new Set<string>();
  for (const place of places) {
    if (!place.pattern.test(path)) continue;
    for (const method of place.methods) methods.add(method);
  }
  return methods.size === 1 && methods.has('OPTIONS') ? [] : [...methods].toSorted();
}

/** Returns a pattern of the paths of a route, whose URL has the form `/media/:id/*`. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${source.join('/')}$`);
}
