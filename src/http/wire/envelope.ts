import { type TProperties, Type } from 'typebox';
import { invalidField } from '../../domain/errors.ts';
import { EXAMPLE_TIMES } from './example-values.ts';
import { NOT_BLANK } from './validation-phrases.ts';

/** The envelopes of the wire contract. */

export const ErrorBody = Type.Object(
  {
    status: Type.Literal('error'),
    message: Type.String(),
    code: Type.String({ description: 'Stable; docs/reference/errors.md lists them all.' }),
    details: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
  },
  { description: 'What is wrong, for people, for programs, and by field.' },
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

/** RFC 3339 in UTC with milliseconds. */
export function timestamp(at: number): string {
  return new Date(at).toISOString();
}

export function timestampOrNull(at: number | null): string | null {
  return at === null ? null : timestamp(at);
}

/**
 * Milliseconds since the epoch of a time that a request names, and that its schema found well formed.
 * @throws ApiError `invalid_request`
 */
export function timeOf(field: string, text: string): number {
  const at = Date.parse(text);
  // RFC 3339 has leap seconds, and a Date has none.
  if (Number.isNaN(at)) throw invalidField(field, 'expected a time without a leap second');
  return at;
}

/** An id of ours. */
export const Uuid = Type.String({ format: 'uuid' });
/** A number of things, or of milliseconds. */
export const Count = Type.Integer({ minimum: 0 });

export const Timestamp = Type.String({ format: 'date-time', examples: [EXAMPLE_TIMES.created] });
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** A name that somebody gives to something of theirs. */
export const GivenName = Type.String({ maxLength: 255, pattern: NOT_BLANK.source });

export const IdParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** How lists are paged and ordered. */
export const PageQuery = {
  search: Type.Optional(
    Type.String({ maxLength: 255, description: 'Part of the name; case does not matter.' }),
  ),
  sort_by: Type.Optional(
    Type.Enum(['created_at', 'name'], { description: 'created_at where it is left out.' }),
  ),
  order_by: Type.Optional(Type.Enum(['asc', 'desc'], { description: 'asc where it is left out.' })),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 2 ** 31 - 1,
      description: 'How many to skip; 0 where it is left out.',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'How many to list; 25 where it is left out.' }),
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
