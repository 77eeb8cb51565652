import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';

/** Bodies above this size count as large. */
const LARGE_BODY_BYTES = 64 * 1024;
/** Maximum bytes of all large bodies in progress together. */
const MAX_LARGE_BYTES = 64 * 1024 * 1024;

/** Maximum values in one body, counted at all levels. A thousand events have about ten thousand. */
const MAX_VALUES = 25_000;
/** Maximum commas, which are counted before parsing. Texts contain commas too, so the bound is not tight. */
const MAX_COMMAS = 10 * MAX_VALUES;

/** Maximum nesting. The bodies of the API nest four levels deep. */
const MAX_DEPTH = 32;
/** Characters from which on the depth is checked. A shorter text is parsed within two milliseconds, however it nests. */
const DEPTH_CHECKED_FROM = 16 * 1024;

/**
 * Reads JSON bodies. The cost of parsing a body and of reporting each of its values as invalid is bounded, because
 * 4 MiB of `{},{},…` would otherwise need 1 GiB.
 */
export function useJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  // Fastify would accept plain text and then reject it because it is not an object. No route takes plain text.
  app.removeContentTypeParser('text/plain');
  admitLargeBodies(app);
  // The public clients send the JSON content type also with requests that have no body.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string;
    if (text === '') done(null, undefined);
    else if (hasTooManyCommas(text)) done(tooManyValues());
    else if (nestsTooDeep(text))
      done(new ServiceError('invalid_request', 'the JSON of the body is nested too deeply'));
    else {
      parse(request, text, (error, value) => {
        if (error) done(error);
        // A value needs at least two characters, its comma included.
        else if (text.length > 2 * MAX_VALUES && hasTooManyValues(value)) done(tooManyValues());
        else done(null, value);
      });
    }
  });
  // Fastify would add a charset to the content type, and the public Node client does not read such bodies.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('application/json;')) {
      reply.removeHeader('content-type');
      reply.raw.setHeader('content-type', 'application/json');
    }
    done(null, payload);
  });
}

/** Refuses a large body, before it is read, while many others are in progress. Uploads are not held in memory and do not count. */
function admitLargeBodies(app: App): void {
  let largeBytes = 0;
  app.addHook('preParsing', (request: FastifyRequest, reply: FastifyReply, payload, done) => {
    const bytes = bytesInMemory(request);
    // If the client has already gone, no `close` event would follow that frees the bytes.
    if (bytes <= LARGE_BODY_BYTES || reply.raw.destroyed) return done(null, payload);
    if (largeBytes + bytes > MAX_LARGE_BYTES) {
      done(new ServiceError('overloaded', 'too many large requests are in progress; retry in a moment'));
      return;
    }
    largeBytes += bytes;
    reply.raw.once('close', () => {
      largeBytes -= bytes;
    });
    done(null, payload);
  });
}

/** Returns the maximum bytes of the body in memory. */
function bytesInMemory({ headers, routeOptions }: FastifyRequest): number {
  if (headers['content-type']?.startsWith('multipart/')) return 0;
  const maxBytes = routeOptions.bodyLimit ?? 0;
  if (headers['transfer-encoding'] !== undefined) return maxBytes;
  return Math.min(Number(headers['content-length'] ?? 0) || 0, maxBytes);
}

function hasTooManyCommas(text: string): boolean {
  if (text.length <= MAX_COMMAS) return false;
  let count = 0;
  for (let at = text.indexOf(','); at !== -1 && count <= MAX_COMMAS; at = text.indexOf(',', at + 1))
    count += 1;
  return count > MAX_COMMAS;
}

/** Counts the values level by level, and stops at the first that is too many. */
function hasTooManyValues(body: unknown): boolean {
  let count = 1;
  for (let level: unknown[] = [body]; level.length > 0; ) {
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const children = Object.values(value);
      count += children.length;
      if (count > MAX_VALUES) return true;
      for (const child of children) if (typeof child === 'object') below.push(child);
    }
    level = below;
  }
  return false;
}

/**
 * Returns whether `json` nests deeper than any body that the API accepts. It stops at the first bracket that is too deep:
 * parsing a million brackets took 90 ms (0.1 µs each, measured), and discarding the result twice that.
 */
export function nestsTooDeep(json: string): boolean {
  if (json.length < DEPTH_CHECKED_FROM) return false;
  let depth = 0;
  for (let n = 0; n < json.length; n += 1) {
    const unit = json.charCodeAt(n);
    if (unit === 0x22) n = endOfString(json, n);
    else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (unit === 0x5d || unit === 0x7d) depth -= 1;
  }
  return false;
}

/** Returns the index of the quote that ends the string at `start`, or the length of the text if the string does not end. */
function endOfString(json: string, start: number): number {
  for (let n = start + 1; n < json.length; n += 1) {
    const unit = json.charCodeAt(n);
    if (unit === 0x22) return n;
    if (unit === 0x5c) n += 1;
  }
  return json.length;
}

function tooManyValues(): ServiceError {
  return new ServiceError('invalid_request', `body: expected at most ${MAX_VALUES} values`);
}
