import { Type } from 'typebox';
import { MASK } from '../../webhooks/headers.ts';

const MAX_HEADERS = 10;
const MAX_VALUE = 4096;

export const HeadersInput = Type.Record(Type.String(), Type.String({ maxLength: MAX_VALUE }), {
  maxProperties: MAX_HEADERS,
  description: `Sent with every request; values are stored encrypted and never shown. A change replaces all headers; the value ${MASK} keeps the present value.`,
  examples: [{ Authorization: 'Bearer 3f9c…' }],
});

export const HeadersBody = Type.Record(Type.String(), Type.String(), {
  description: 'Names of the headers that are sent with every request. Their values are not shown.',
  examples: [{ Authorization: MASK }],
});

/** Returns the names of `headers`, each with a mask for its value. */
export function maskedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
}
