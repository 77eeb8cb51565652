import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { nestsTooDeep } from './json-depth.ts';

/** Of bodies that are larger than this, all that are under way may together have `MAX_BYTES_UNDER_WAY`. */
const LARGE_BODY_BYTES = 64 * 1024;
const MAX_BYTES_UNDER_WAY = 64 * 1024 * 1024;

/** Values of one body, those in lists and objects counted, too: a thousand events have some ten thousand. */
const MAX_VALUES = 25_000;
/** Before it is parsed, the values are known by their commas alone, of which texts have some, too. */
const MAX_COMMAS = 10 * MAX_VALUES;

/**
 * Reads bodies of JSON. What a body costs once it is parsed, and once each of its values has been found wrong, is bounded:
 * four MiB of `{},{},…` would otherwise take a GiB.
 */
export function useJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  // No route takes plain text; the framework would, and then find that it is no object.
  app.removeContentTypeParser('text/plain');
  admitLargeBodies(app);
  // The public clients announce JSON with requests that have no body, too.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string;
    if (text === '') done(null, undefined);
    else if (hasTooManyCommas(text)) done(tooManyValues());
    else if (nestsTooDeep(text)) done(new ServiceError('invalid_request', 'the JSON is nested too deep'));
    else {
      parse(request, text, (error, value) => {
        if (error) done(error);
        // Each value takes two characters at the least, with its comma.
        else if (text.length > 2 * MAX_VALUES && hasTooManyValues(value)) done(tooManyValues());
        else done(null, value);
      });
    }
  });
  // The public Node client reads no body whose type carries a charset, and the framework would add one.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('application/json;')) {
      reply.removeHeader('content-type');
      reply.raw.setHeader('content-type', 'application/json');
    }
    done(null, payload);
  });
}

/** Refuses large bodies while many are under way, before anything of them is read. Uploads are no bodies in memory. */
function admitLargeBodies(app: App): void {
  let underWay = 0;
  app.addHook('preParsing', (request: FastifyRequest, reply: FastifyReply, payload, done) => {
    const bytes = bytesInMemory(request);
    // Of one whose client is gone already no end would be told.
    if (bytes <= LARGE_BODY_BYTES || reply.raw.destroyed) return done(null, payload);
    if (underWay + bytes > MAX_BYTES_UNDER_WAY) {
      done(new ServiceError('overloaded', 'too many large requests are under way; try again in a moment'));
      return;
    }
    underWay += bytes;
    reply.raw.once('close', () => {
      underWay -= bytes;
    });
    done(null, payload);
  });
}

/** How long the body will be, at the most. */
function bytesInMemory({ headers, routeOptions }: FastifyRequest): number {
  if (headers['content-type']?.startsWith('multipart/')) return 0;
  const most = routeOptions.bodyLimit ?? 0;
  if (headers['transfer-encoding'] !== undefined) return most;
  return Math.min(Number(headers['content-length'] ?? 0) || 0, most);
}

function hasTooManyCommas(text: string): boolean {
  // Each comma takes a character.
  if (text.length <= MAX_COMMAS) return false;
  let count = 0;
  for (let at = text.indexOf(','); at !== -1 && count <= MAX_COMMAS; at = text.indexOf(',', at + 1))
    count += 1;
  return count > MAX_COMMAS;
}

/** Goes through the values level by level, and no further than it must. */
function hasTooManyValues(body: unknown): boolean {
  let count = 1;
  for (let level: unknown[] = [body]; level.length > 0; ) {
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const within = Object.values(value);
      count += within.length;
      if (count > MAX_VALUES) return true;
      for (const one of within) if (typeof one === 'object') below.push(one);
    }
    level = below;
  }
  return false;
}

function tooManyValues(): ServiceError {
  return new ServiceError('invalid_request', `body: expected at most ${MAX_VALUES} values`);
}
