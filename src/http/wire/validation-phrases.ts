import type { FastifySchemaValidationError } from 'fastify';
import { EMAIL } from '../../domain/account.ts';
import { QUALITY_NAMES } from '../../domain/media.ts';

/** Matches a text that contains more than white space. */
export const NOT_BLANK = /\S/;
/** Matches a text that consists of digits. */
export const DIGITS = /^\d+$/;
/** Matches the name of a quality. */
export const QUALITY_NAME = new RegExp(`^(?:${QUALITY_NAMES.join('|')})$`);

const FORMATS: Record<string, string> = {
  uuid: 'expected a UUID',
  'date-time': 'expected a time such as 2026-11-24T08:00:00Z',
};
const PATTERNS: Record<string, string> = {
  [NOT_BLANK.source]: 'must not be blank',
  [DIGITS.source]: 'expected only digits',
  [EMAIL.source]: 'expected an email address',
  [QUALITY_NAME.source]: `expected a quality: an object, or one of ${QUALITY_NAMES.join(', ')}`,
};
const TYPES: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'a JSON object',
  string: 'a string',
};

/** Returns the error message for a value that violates a keyword of its schema. */
export function phraseOf({ keyword, params, message }: FastifySchemaValidationError): string {
  const limit = Number(params.limit);
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'enum':
      return `expected one of ${(params.allowedValues as unknown[]).filter((value) => value !== '').join(', ')}`;
    case 'format':
      return FORMATS[String(params.format)] ?? 'does not have the expected format';
    case 'pattern':
      return PATTERNS[String(params.pattern)] ?? 'does not have the expected format';
    case 'type':
      return `expected ${[params.type]
        .flat()
        .map((type) => TYPES[String(type)] ?? type)
        .join(' or ')}`;
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'minItems':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} entries`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    default:
      return message ?? 'is not valid';
  }
}
