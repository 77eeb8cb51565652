import { invalidField } from '../domain/errors.ts';

/** Rules for the headers that the owner of a webhook adds to every request. */

const MAX_NAME = 100;
/**
 * Maximum number of characters of all names and values together. Limited, because thousands of deliveries in
 * memory contain the headers of their webhooks.
 */
const MAX_TOGETHER = 4096;

/**
 * Text that stands for each value in answers of the API, because values are never shown. In a change of a
 * webhook, this text keeps the stored value.
 */
export const MASK = '********';

/** Pattern of a header's name: a token (RFC 9110 section 5.6.2). */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/**
 * Pattern of a header's value: visible ASCII characters, with blanks and tabs only inside the value (RFC 9110
 * section 5.5).
 */
const VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * Names that a webhook's own headers must not have, because the service sets these headers, because the
 * headers belong to the connection (RFC 9110 section 7.6.1), or because the headers describe the body.
 */
const RESERVED =
  /^(?:user-agent|webhook-.*|host|content-.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|http2-settings|date|via)$/i;

type Headers = Readonly<Record<string, string>>;

/**
 * Checks the headers of a webhook, and returns the headers to store. Replaces the value `MASK` by the value
 * that the header of the same name has in `before`, the stored headers.
 * @throws ServiceError that names the first invalid header, and never its value
 */
export function checkHeaders(wanted: Headers, before: Headers = {}): Headers {
  const headers: Record<string, string> = {};
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(wanted)) {
    checkName(name);
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw invalidField('headers', `expected each name once, got ${name} again`);
    seen.add(lower);
    headers[name] = value === MASK ? valueBefore(name, before) : checkedValue(name, value);
  }
  const together = Object.entries(headers).reduce((sum, pair) => sum + pair.join('').length, 0);
  if (together > MAX_TOGETHER)
    throw invalidField('headers', `expected at most ${MAX_TOGETHER} characters, names and values together`);
  return headers;
}

function checkName(name: string): void {
  if (name.length > MAX_NAME || !NAME.test(name)) {
    throw invalidField('headers', `expected names of up to ${MAX_NAME} letters, digits and !#$%&'*+-.^_\`|~`);
  }
  if (RESERVED.test(name))
    throw invalidField(`headers.${name}`, 'expected a name that the service does not set');
}

function checkedValue(name: string, value: string): string {
  if (VALUE.test(value)) return value;
  throw invalidField(
    `headers.${name}`,
    'expected visible ASCII characters, with blanks only between them, and no line break',
  );
}

function valueBefore(name: string, before: Headers): string {
  const known = Object.keys(before).find((other) => other.toLowerCase() === name.toLowerCase());
  const value = known === undefined ? undefined : before[known];
  if (value !== undefined) return value;
  throw invalidField(
    `headers.${name}`,
    `expected a value; ${MASK} only keeps a value that is stored already`,
  );
}
