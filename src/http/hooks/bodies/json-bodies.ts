import { ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';

/**
 * Maximum number of values in one body, counted at all levels of nesting. A body with a thousand events has
 * about ten thousand values.
 */
const MAX_VALUES = 25_000;
/**
 * Maximum number of commas in one body, counted before the body is parsed. The limit is ten times
 * `MAX_VALUES`, because texts contain commas too.
 */
const MAX_COMMAS = 10 * MAX_VALUES;

/** Maximum depth of nesting in a body. The bodies that the API defines are at most four levels deep. */
const MAX_DEPTH = 32;
/**
 * If a body has at least this many characters, its depth is checked before it is parsed. A shorter body is
 * parsed within two milliseconds, whatever its depth.
 */
const DEPTH_CHECKED_FROM = 16 * 1024;

/**
 * Reads JSON bodies. Limits the cost of parsing a body and of reporting each of its invalid values: without
 * these limits, a body of 4 MiB that contains `{},{},…` would need 1 GiB of memory.
 */
export function useJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  // Makes Fastify refuse plain text, which no route accepts. By default, Fastify would accept the text, and
  // then reject it because it is not an object.
  app.removeContentTypeParser('text/plain');
  // Accepts an empty body, because public clients of the AIOZ Stream API send the JSON content type also with
  // requests that have no body.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string;
    if (text === '') return done(null, undefined);
    const refusal = refusalBeforeParsing(text);
    if (refusal) done(refusal);
    else {
      parse(request, withoutLoneSurrogates(text), (error, value) => {
        if (error) done(error);
        // A text of at most `2 * MAX_VALUES` characters can't have too many values, because each value needs
        // at least two characters, its comma included.
        else if (text.length > 2 * MAX_VALUES && hasTooManyValues(value)) done(tooManyValues());
        else done(null, value);
      });
    }
  });
  refuseJsonInForms(app);
  // Removes the charset that Fastify adds to the content type, because the public Node client of the AIOZ
  // Stream API does not read a JSON body with a charset.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('application/json;')) {
      reply.header('content-type', 'application/json');
    }
    done(null, payload);
  });
}

/**
 * Refuses JSON with the content type of forms, which curl sends unless it is told otherwise. Parsed as a form,
 * the whole JSON would become the name of one field, and the answer would name fields that seem to be there.
 */
function refuseJsonInForms(app: App): void {
  app.addHook('preValidation', ({ headers, body }, _reply, done) => {
    if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return done();
    const [name = ''] = Object.keys((body ?? {}) as object);
    if (!/^\s*[{[]/.test(name)) return done();
    const message =
      'the body is JSON, but the header Content-Type says application/x-www-form-urlencoded; send Content-Type: application/json';
    done(new ServiceError('unsupported_media_type', message));
  });
}

/** Returns why a JSON text is not parsed, because that would cost too much; `null`: it may be parsed. */
export function refusalBeforeParsing(json: string): ServiceError | null {
  if (hasTooManyCommas(json)) return tooManyValues();
  if (!isFlatList(json) && nestsTooDeep(json))
    return new ServiceError('invalid_request', 'the JSON of the body is nested too deeply');
  return null;
}

function hasTooManyCommas(text: string): boolean {
  if (text.length <= MAX_COMMAS) return false;
  let count = 0;
  for (let at = text.indexOf(','); at !== -1 && count <= MAX_COMMAS; at = text.indexOf(',', at + 1))
    count += 1;
  return count > MAX_COMMAS;
}

/**
 * Returns whether a parsed body has more than `MAX_VALUES` values. Counts level by level, and stops when the
 * maximum is exceeded.
 */
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
 * Returns whether a parser finds no value in `json` that is nested deeper than the objects of one list, because
 * the list's `[` is the only one, and each `{` follows that or a comma. Looking for the few brackets costs a tenth of
 * what looking at each character costs.
 */
export function isFlatList(json: string): boolean {
  if (json.charCodeAt(0) !== 0x5b || json.includes('[', 1)) return false;
  for (let at = json.indexOf('{'); at !== -1; at = json.indexOf('{', at + 1)) {
    let before = at - 1;
    while (isBlank(json.charCodeAt(before))) before -= 1;
    const unit = json.charCodeAt(before);
    if (unit !== 0x2c && unit !== 0x5b) return false;
  }
  return true;
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/**
 * Returns whether `json` is nested deeper than `MAX_DEPTH`; no valid body is nested that deeply. The scan
 * stops at the first bracket that is too deep. Parsing would be slow: parsing a million nested brackets took
 * 90 ms (0.1 µs for each bracket, measured), and discarding the result took twice as long.
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

/**
 * Returns the index of the quotation mark that ends the string at `start`, or the length of `json` if the
 * string does not end.
 */
function endOfString(json: string, start: number): number {
  for (let n = start + 1; n < json.length; n += 1) {
    const unit = json.charCodeAt(n);
    if (unit === 0x22) return n;
    if (unit === 0x5c) n += 1;
  }
  return json.length;
}

/** An escape of half of a surrogate pair. */
const SURROGATE = /\\u[dD][89a-fA-F]/;
/** Any escape of a JSON string. A pair of surrogates is one match; the group is half of a pair without the other. */
const ESCAPE =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|[\s\S])/g;

/**
 * Replaces each half of a surrogate pair in a JSON text by U+FFFD. JavaScript's `slice` leaves such a half at the
 * end of a text if it cuts an emoji in two. JSON can spell it, but it is no Unicode: many receivers refuse the
 * whole message (RFC 8259 section 8.2, RFC 7493 section 2.1), and a database stores another text.
 */
export function withoutLoneSurrogates(json: string): string {
  if (!SURROGATE.test(json)) return json;
  return json.replace(ESCAPE, (whole: string, half: string | undefined) =>
    half === undefined ? whole : '\\ufffd',
  );
}

function tooManyValues(): ServiceError {
  return new ServiceError('invalid_request', `body: expected at most ${MAX_VALUES} values`);
}
