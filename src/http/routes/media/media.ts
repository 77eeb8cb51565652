import { type Static, Type } from 'typebox';
import type { Media, MediaChanges } from '../../../domain/media.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { dataBody, IdParams, MessageBody, message, success } from '../../wire/envelope.ts';
import { linkBases, MediaBody, mediaBody } from '../../wire/media/media.ts';
import { MEDIA_EXAMPLE, NEW_MEDIA_EXAMPLE } from '../../wire/media/media-examples.ts';
import { MediaChangesInput, MediaInput, settingsOf } from '../../wire/media/media-input.ts';
import {
  COMPLETE_UPLOAD_EXAMPLE,
  NEW_UPLOAD_EXAMPLE,
  UploadBody,
  uploadBody,
} from '../../wire/media/upload-state.ts';

/** Answer about one media. Lists do not say which bytes were received, because each would cost a read of a folder. */
const OneMedia = { ...MediaBody.properties, upload: UploadBody };

/** Registers the routes that create, show, change and delete media. */
export function mediaRoutes(
  api: App,
  { library, uploads, links, publicUrl }: Pick<Services, 'library' | 'uploads' | 'links' | 'publicUrl'>,
): void {
  const present = async (media: Media) => ({
    ...mediaBody(media, linkBases(media, publicUrl(), links), library.progressOf(media)),
    upload: uploadBody(await uploads.stateOf(media)),
  });

  api.post(
    '/media/create',
    {
      config: {
        access: 'upload',
        errors: {
          limit_reached:
            'The account already has as many open uploads as it may, or no room for encoded files.',
        },
      },
      schema: {
        operationId: 'createMedia',
        tags: ['Media'],
        answerExample: success({ ...NEW_MEDIA_EXAMPLE, upload: NEW_UPLOAD_EXAMPLE }),
        summary: 'Create a media, whose file is uploaded afterwards',
        body: MediaInput,
        response: { 200: dataBody(OneMedia) },
      },
    },
    async (request) => {
      const settings = settingsOf(request.body);
      return success(await present(await library.create(accountOf(request).id, settings, actorOf(request))));
    },
  );

  api.get(
    '/media/:id',
    {
      schema: {
        operationId: 'getMedia',
        tags: ['Media'],
        answerExample: success({ ...MEDIA_EXAMPLE, upload: COMPLETE_UPLOAD_EXAMPLE }),
        summary: 'One media',
        params: IdParams,
        response: { 200: dataBody(OneMedia) },
      },
    },
    async (request) => success(await present(await library.find(accountOf(request).id, request.params.id))),
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
        response: {
          200: Type.Object(OneMedia, { examples: [{ ...MEDIA_EXAMPLE, upload: COMPLETE_UPLOAD_EXAMPLE }] }),
        },
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
