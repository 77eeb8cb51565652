import { type Static, Type } from 'typebox';
import type { Media, MediaChanges } from '../../../domain/media.ts';
import type { MediaSettings } from '../../../media/library.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { dataBody, IdParams, MessageBody, message, success } from '../../wire/envelope.ts';
import { linkBases, MediaBody, mediaBody } from '../../wire/media/media.ts';
import { MEDIA_EXAMPLE, NEW_MEDIA_EXAMPLE } from '../../wire/media/media-examples.ts';
import { MediaChangesInput, MediaInput, requestedQualities } from '../../wire/media/media-input.ts';

/** Registers the routes that create, show, change and delete media. */
export function mediaRoutes(
  api: App,
  { library, links, publicUrl }: Pick<Services, 'library' | 'links' | 'publicUrl'>,
): void {
  const present = (media: Media) =>
    mediaBody(media, linkBases(media, publicUrl(), links), library.progressOf(media));

  api.post(
    '/media/create',
    {
      config: {
        access: 'upload',
        errors: { limit_reached: 'The account already has as many open uploads as it may.' },
      },
      schema: {
        operationId: 'createMedia',
        tags: ['Media'],
        answerExample: success(NEW_MEDIA_EXAMPLE),
        summary: 'Create a media, whose file is uploaded afterwards',
        body: MediaInput,
        response: { 200: dataBody(MediaBody.properties) },
      },
    },
    async (request) => {
      const settings = settingsOf(request.body);
      return success(present(await library.create(accountOf(request).id, settings, actorOf(request))));
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
    async (request) => success(present(await library.find(accountOf(request).id, request.params.id))),
  );

  api.get(
    '/media/:id/player.json',
    {
      schema: {
        operationId: 'getPlayerMedia',
        tags: ['Media'],
        summary: 'One media, for players: without an envelope',
        params: IdParams,
        // Public clients of the AIOZ Stream API can send a token, which is not needed with credentials.
        querystring: Type.Object({
          token: Type.Optional(Type.String({ maxLength: 2048, description: 'Accepted, but not used.' })),
        }),
        response: { 200: MediaBody },
      },
    },
    async (request) => present(await library.find(accountOf(request).id, request.params.id)),
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
      const changes = changesOf(request.body);
      await library.update(accountOf(request).id, request.params.id, changes, actorOf(request));
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
        summary: 'Delete a media with its files. Its encoding stops, and no more events are emitted for it',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      await library.delete(accountOf(request).id, request.params.id, actorOf(request));
      return message('the media was deleted');
    },
  );
}

/** Returns the settings of a new media. A field with the value zero or an empty string counts as left out. */
function settingsOf(input: Static<typeof MediaInput>): MediaSettings {
  return {
    title: input.title,
    description: input.description,
    type: input.type || undefined,
    qualities: requestedQualities(input.qualities),
    isPublic: input.is_public,
    isMp4: input.is_mp4,
    tags: input.tags,
    metadata: input.metadata,
    segmentDuration: input.segment_duration || undefined,
  };
}

function changesOf(input: Static<typeof MediaChangesInput>): MediaChanges {
  const { title, description, is_public: isPublic, tags, metadata } = input;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(isPublic === undefined ? {} : { isPublic }),
    ...(tags === undefined ? {} : { tags }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}
