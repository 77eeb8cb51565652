import { type Static, Type } from 'typebox';
import { invalidField } from '../../domain/errors.ts';

/** Headers of the owner's that every request to a webhook bears. */

const MAX_HEADERS = 10;
const MAX_NAME = 100;
const MAX_VALUE = 4096;
/** Of all names and values together: thousands of deliveries in memory bear them. */
const MAX_TOGETHER = 4096;

/** Stands for a value, which is never shown. Given back in a change, it leaves the value as it is. */
export const MASK = '********';

/** A token: RFC 9110 section 5.6.2. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** A field value of visible ASCII, blanks and tabs inside: RFC 9110 section 5.5. */
const VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Ours; those of the connection (RFC 9110 section 7.6.1); and those that say how the body is to be read. */
const RESERVED =
  /^(?:user-agent|webhook-.*|host|content-.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|http2-settings|date|via)$/i;

export const HeadersInput = Type.Record(Type.String(), Type.String({ maxLength: MAX_VALUE }), {
  maxProperties: MAX_HEADERS,
  description: `Sent with every request; values are stored encrypted and never shown. A change replaces them all; the value ${MASK} leaves one as it is.`,
  examples: [{ Authorization: 'Bearer 3f9c…' }],
});

export const HeadersBody = Type.Record(Type.String(), Type.String(), {
  description: 'The names of the headers that every request bears; their values are not shown.',
  examples: [{ Authorization: MASK }],
});

type Headers = Readonly<Record<string, string>>;

/**
 * Headers as they are kept. @param before those of the webhook until now
 * @throws ApiError that names the first that can't be sent, and never a value
 */
export function headersOf(input: Static<typeof HeadersInput>, before: Headers = {}): Headers {
  const headers: Record<string, string> = {};
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(input)) {
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

/** Names with a mask for their values. */
export function maskedHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
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
  throw invalidField(`headers.${name}`, `expected a value; ${MASK} stands for one that is known already`);
}
