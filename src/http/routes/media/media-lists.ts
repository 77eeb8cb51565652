import { type Static, Type } from 'typebox';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { Count, dataBody, success } from '../../wire/envelope.ts';
import { linkBases, MediaBody, mediaBody } from '../../wire/media/media.ts';
import { listRequest, MediaListInput, MediaListQuery } from '../../wire/media/media-list.ts';

const ListBody = dataBody({ media: Type.Array(MediaBody), total: Count });

/**
 * Registers the routes that list media. The AIOZ Stream API lists media by POST, with the filter in the body;
 * public tools of that API also list by GET, with the filter in the query.
 */
export function mediaListRoutes(
  api: App,
  { library, links, publicUrl }: Pick<Services, 'library' | 'links' | 'publicUrl'>,
): void {
  const list = async (userId: string, input: Static<typeof MediaListInput>) => {
    const { items, total } = await library.list(userId, listRequest(input));
    const media = items.map((item) =>
      mediaBody(item, linkBases(item, publicUrl(), links), library.progressOf(item)),
    );
    return success({ media, total });
  };

  api.get(
    '/media',
    {
      schema: {
        operationId: 'listMediaByQuery',
        tags: ['Media'],
        summary: 'List media, with the filter in the query',
        description: 'Newest first, unless another order is requested. POST can also filter by metadata.',
        querystring: MediaListQuery,
        response: { 200: ListBody },
      },
    },
    (request) => list(accountOf(request).id, request.query),
  );

  api.post(
    '/media',
    {
      config: { writes: false },
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        isBodyOptional: true,
        operationId: 'listMedia',
        tags: ['Media'],
        summary: 'List media',
        description: 'Newest first, unless another order is requested. Without a body, the first 25.',
        body: MediaListInput,
        response: { 200: ListBody },
      },
    },
    (request) => list(accountOf(request).id, request.body),
  );
}
