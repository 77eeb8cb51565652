import { randomUUIDv7 } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { notFound } from '../../../domain/errors.ts';
import type { Media } from '../../../domain/media.ts';
import type { MediaListRequest } from '../../../storage/contracts/media.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { Count, dataBody, IdParams, MessageBody, message, success } from '../../wire/envelope.ts';
import { linkBases, MediaBody, mediaBody } from '../../wire/media.ts';
import { MEDIA_EXAMPLE, NEW_MEDIA_EXAMPLE } from '../../wire/media-examples.ts';
import {
  DEFAULT_SEGMENT_DURATION,
  MediaChangesInput,
  MediaInput,
  MediaListInput,
  requestedQualities,
} from '../../wire/media-input.ts';

export function mediaRoutes(api: App, services: Services): void {
  const { storage, pipeline, links, publicUrl, now } = services;
  const present = (media: Media) =>
    mediaBody(media, linkBases(media, publicUrl(), links), pipeline.progressOf(media));

  api.post(
    '/media/create',
    {
      config: {
        access: 'upload',
        errors: { limit_reached: 'The account has as many open uploads as it may.' },
      },
      schema: {
        operationId: 'createMedia',
        tags: ['Media'],
        answerExample: success(NEW_MEDIA_EXAMPLE),
        summary: 'Create a media, to be filled by an upload',
        body: MediaInput,
        response: { 200: dataBody(MediaBody.properties) },
      },
    },
    async (request) => {
      const media = newMedia(request.body, accountOf(request).id, now());
      await storage.media.create(media, services.accountLimits.openUploads, actorOf(request));
      return success(present(media));
    },
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
        description: 'Newest first, unless another order is asked for. Without a body, the first 25.',
        body: MediaListInput,
        response: { 200: dataBody({ media: Type.Array(MediaBody), total: Count }) },
      },
    },
    async (request) => {
      const { items, total } = await storage.media.list(accountOf(request).id, listRequest(request.body));
      return success({ media: items.map(present), total });
    },
  );

  api.get(
    '/media/:id',
    {
      schema: {
        operationId: 'getMedia',
        tags: ['Media'],
        answerExample: success(MEDIA_EXAMPLE),
        summary: 'One media',
        params: IdParams,
        response: { 200: dataBody(MediaBody.properties) },
      },
    },
    async (request) => success(present(await findMedia(request, request.params.id))),
  );

  api.get(
    '/media/:id/player.json',
    {
      schema: {
        operationId: 'getPlayerMedia',
        tags: ['Media'],
        summary: 'One media, for players: without an envelope',
        params: IdParams,
        response: { 200: MediaBody },
      },
    },
    async (request) => present(await findMedia(request, request.params.id)),
  );

  api.patch(
    '/media/:id',
    {
      schema: {
        operationId: 'updateMedia',
        tags: ['Media'],
        answerExample: message('the media was changed'),
        summary: "Change a media's title, description, tags or metadata, or whether it is public",
        params: IdParams,
        body: MediaChangesInput,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const { id } = request.params;
      const changes = changesOf(request.body);
      if (
        !(await storage.media.update(accountOf(request).id, id, changes, { at: now(), by: actorOf(request) }))
      )
        throw notFound('media');
      return message('the media was changed');
    },
  );

  api.delete(
    '/media/:id',
    {
      schema: {
        operationId: 'deleteMedia',
        tags: ['Media'],
        answerExample: message('the media was deleted'),
        summary: 'Delete a media with its files; encoding stops, and nothing more is emitted',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await storage.media.delete(accountOf(request).id, id, { at: now(), by: actorOf(request) })))
        throw notFound('media');
      await pipeline.discard(id);
      return message('the media was deleted');
    },
  );

  async function findMedia(request: FastifyRequest, id: string): Promise<Media> {
    const media = await storage.media.find(accountOf(request).id, id);
    if (!media) throw notFound('media');
    return media;
  }
}

function newMedia(input: Static<typeof MediaInput>, userId: string, now: number): Media {
  return {
    id: randomUUIDv7(),
    userId,
    title: input.title,
    description: input.description ?? '',
    type: input.type || 'video',
    status: 'new',
    qualities: requestedQualities(input.qualities).map((quality, position) => ({
      ...quality,
      position,
      status: 'waiting',
    })),
    isPublic: input.is_public ?? true,
    isMp4: input.is_mp4 ?? false,
    tags: input.tags ?? [],
    metadata: input.metadata ?? [],
    segmentDuration: input.segment_duration || DEFAULT_SEGMENT_DURATION,
    duration: 0,
    size: 0,
    keptBytes: 0,
    error: null,
    hasThumbnail: false,
    hasTakenThumbnail: false,
    receivedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

function changesOf(input: Static<typeof MediaChangesInput>) {
  const { title, description, is_public: isPublic, tags, metadata } = input;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(isPublic === undefined ? {} : { isPublic }),
    ...(tags === undefined ? {} : { tags }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function listRequest(input: Static<typeof MediaListInput>): MediaListRequest {
  // Whichever of the two holds a direction, and whichever a column, is taken for it.
  const order = [input.order_by, input.sort_by];
  return {
    search: input.search || null,
    sortBy: order.some((word) => word === 'title' || word === 'name') ? 'title' : 'createdAt',
    orderBy: order.includes('asc') ? 'asc' : 'desc',
    offset: input.offset ?? 0,
    limit: input.limit || 25,
    statuses: input.status ?? [],
    tags: input.tags ?? [],
    metadata: input.metadata ?? [],
    type: input.type || null,
  };
}
