import { type Static, Type } from 'typebox';
import { invalidField } from '../../../domain/errors.ts';
import { MEDIA_STATUSES, MEDIA_TYPES } from '../../../domain/media.ts';
import type { MediaListRequest } from '../../../storage/contracts/media.ts';
import { MetadataEntry, tags } from './media-input.ts';

/** Number of items of a page, unless the client requests another number. */
const DEFAULT_LIMIT = 25;
/** Maximum number of a page. With the largest pages, it stands for a hundred million media. */
const MAX_PAGE = 1_000_000;

/**
 * Filter and order of a list of media, as far as a query can express them. `order_by` is for the sort
 * direction, but accepts any text, because a public client of the AIOZ Stream API sends the sort field in it.
 * `page` is here, because public tools of that API send it.
 */
const LIST_FIELDS = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100,
      description: `Maximum number of items to return; default ${DEFAULT_LIMIT}, also for 0.`,
    }),
  ),
  offset: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: 'Number of items to skip; default 0.' }),
  ),
  page: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_PAGE,
      description: 'Number of the page, from 1, instead of `offset`; 0 is the first page, too.',
    }),
  ),
  search: Type.Optional(
    Type.String({ maxLength: 255, description: 'Part of the title, in upper or lower case.' }),
  ),
  sort_by: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'Field to sort by: `title`; any other text means `created_at`.',
    }),
  ),
  order_by: Type.Optional(
    Type.String({ maxLength: 64, description: 'Sort direction: `asc`; any other text means `desc`.' }),
  ),
  status: Type.Optional(
    Type.Array(Type.Enum(MEDIA_STATUSES), {
      maxItems: 10,
      description: 'Statuses to return; default all.',
    }),
  ),
  tags: Type.Optional({ ...tags, description: 'Only media that have all of these tags.' }),
  type: Type.Optional(Type.Enum([...MEDIA_TYPES, ''], { description: 'Type to return; default all.' })),
};

export const MediaListQuery = Type.Object(LIST_FIELDS);

export const MediaListInput = Type.Object(
  {
    ...LIST_FIELDS,
    metadata: Type.Optional(
      Type.Array(MetadataEntry, { maxItems: 50, description: 'Only media that have all of these entries.' }),
    ),
  },
  { examples: [{ status: ['done'], order_by: 'desc', limit: 25 }] },
);

/**
 * Returns the requested list. A field with the value zero or an empty text counts as left out.
 * @throws ServiceError if the client requests a page and an offset
 */
export function listRequest(input: Static<typeof MediaListInput>): MediaListRequest {
  // Searches both fields for the sort column and for the direction, because some clients put them
  // into the wrong field.
  const order = [input.order_by, input.sort_by];
  const limit = input.limit || DEFAULT_LIMIT;
  return {
    search: input.search || null,
    sortBy: order.some((word) => word === 'title' || word === 'name') ? 'title' : 'createdAt',
    orderBy: order.includes('asc') ? 'asc' : 'desc',
    offset: offsetOf(input, limit),
    limit,
    statuses: input.status ?? [],
    tags: input.tags ?? [],
    metadata: input.metadata ?? [],
    type: input.type || null,
  };
}

function offsetOf({ page, offset }: Static<typeof MediaListQuery>, limit: number): number {
  if (!page) return offset ?? 0;
  if (offset) throw invalidField('page', 'expected either page or offset, not both');
  return (page - 1) * limit;
}
