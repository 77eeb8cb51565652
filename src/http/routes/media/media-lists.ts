import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Media } from '../../../domain/media.ts';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { Count, dataBody, success } from '../../wire/envelope.ts';
import { linkBases, MediaBody, mediaBody } from '../../wire/media/media.ts';
import { listRequest, MediaListInput, MediaListQuery } from '../../wire/media/media-list.ts';
import { sendParts } from './streamed-list.ts';

const ListBody = dataBody({ media: Type.Array(MediaBody), total: Count });

/**
 * Registers the routes that list media. The AIOZ Stream API lists media by POST, with the filter in the body;
 * public tools of that API also list by GET, with the filter in the query.
 */
export function mediaListRoutes(
  api: App,
  { library, links, publicUrl }: Pick<Services, 'library' | 'links' | 'publicUrl'>,
): void {
  const present = (media: Media) =>
    mediaBody(media, linkBases(media, publicUrl(), links), library.progressOf(media));
  const presentAll = async function* (parts: AsyncIterable<readonly Media[]>) {
    for await (const part of parts) yield part.map(present);
  };

  /** Lists media, and answers at once or, if the page is large, in parts. */
  const list = async (userId: string, input: Static<typeof MediaListInput>, reply: FastifyReply) => {
    const { items, rest, total } = await library.list(userId, listRequest(input));
    const media = items.map(present);
    if (rest === null) return success({ media, total });
    return sendParts(reply, { name: 'media', first: media, rest: presentAll(rest), total });
  };

  api.get(
    '/media',
    {
      config: { isList: true },
      schema: {
        operationId: 'listMediaByQuery',
        tags: ['Media'],
        summary: 'List media, with the filter in the query',
        description: 'Newest first, unless another order is requested. POST can also filter by metadata.',
        querystring: MediaListQuery,
        response: { 200: ListBody },
      },
    },
    async (request, reply) => list(accountOf(request).id, request.query, reply),
  );

  api.post(
    '/media',
    {
      config: { writes: false, isList: true },
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
    async (request, reply) => list(accountOf(request).id, request.body, reply),
  );
}
