import { type TProperties, Type } from 'typebox';
import { invalidField } from '../../domain/errors.ts';
import { EXAMPLE_TIMES } from './example-values.ts';
import { NOT_BLANK } from './validation-phrases.ts';

/**
 * Schemas and functions for the outermost object of every answer, and for fields that many
 * requests and answers have.
 */

const Detail = Type.Object({ field: Type.String(), message: Type.String() });

/** Schema of the list that an answer has if the body of the request has unknown fields. */
export const WARNINGS = Type.Array(Detail, {
  description: 'Unknown fields of the body, which were ignored; left out if all fields are known.',
});

export const ErrorBody = Type.Object(
  {
    status: Type.Literal('error'),
    message: Type.String(),
    code: Type.String({ description: 'Stable error code. docs/reference/errors.md lists all codes.' }),
    details: Type.Array(Detail),
    warnings: Type.Optional(WARNINGS),
  },
  { description: 'An error: a message for people, a code for programs, and details about single fields.' },
);

export const MessageBody = Type.Object({ status: Type.Literal('success'), message: Type.String() });

export function dataBody<T extends TProperties>(properties: T) {
  return Type.Object({ status: Type.Literal('success'), data: Type.Object(properties) });
}

export function success<T>(data: T): { status: 'success'; data: T } {
  return { status: 'success', data };
}

export function message(text: string): { status: 'success'; message: string } {
  return { status: 'success', message: text };
}

/** Returns a time as RFC 3339 in UTC with milliseconds. */
export function timestamp(at: number): string {
  return new Date(at).toISOString();
}

export function timestampOrNull(at: number | null): string | null {
  return at === null ? null : timestamp(at);
}

/**
 * Returns the milliseconds since the epoch of a time in a request. The schema has already checked
 * the form of `text`.
 * @throws ServiceError `invalid_request` for a leap second
 */
export function timeOf(field: string, text: string): number {
  const at = Date.parse(text);
  // Refuses leap seconds, which RFC 3339 allows but `Date` can't represent.
  if (Number.isNaN(at)) throw invalidField(field, 'expected a time without a leap second');
  return at;
}

/** Id of an object that the service has created. */
export const Uuid = Type.String({ format: 'uuid' });
/** A number of objects or of milliseconds: a whole number that is not negative. */
export const Count = Type.Integer({ minimum: 0 });

export const Timestamp = Type.String({ format: 'date-time', examples: [EXAMPLE_TIMES.created] });
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Name that an account gives to one of its objects. */
export const GivenName = Type.String({ maxLength: 255, pattern: NOT_BLANK.source });

export const IdParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** Query parameters of lists: the page, the order, and a text to search for. */
export const PageQuery = {
  search: Type.Optional(
    Type.String({ maxLength: 255, description: 'Part of the name, in upper or lower case.' }),
  ),
  sort_by: Type.Optional(
    Type.Enum(['created_at', 'name'], { description: 'Field to sort by; default created_at.' }),
  ),
  order_by: Type.Optional(Type.Enum(['asc', 'desc'], { description: 'Sort direction; default asc.' })),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 2 ** 31 - 1,
      description: 'Number of items to skip; default 0.',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'Maximum number of items to return; default 25.' }),
  ),
};

export function pageRequest(query: {
  search?: string;
  sort_by?: string;
  order_by?: 'asc' | 'desc';
  offset?: number;
  limit?: number;
}) {
  return {
    search: query.search === undefined || query.search === '' ? null : query.search,
    sortBy: query.sort_by === 'name' ? ('name' as const) : ('createdAt' as const),
    orderBy: query.order_by ?? 'asc',
    offset: query.offset ?? 0,
    limit: query.limit ?? 25,
  };
}
