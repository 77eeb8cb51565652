import { createWriteStream } from 'node:fs';
import { pipeline as pipe } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { invalidPicture } from '../../../media/custom-thumbnail.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf, refuseRevoked } from '../../hooks/authentication.ts';
import { formFailure } from '../../hooks/bodies/file-form.ts';
import type { Services } from '../../services.ts';
import { IdParams, MessageBody, message } from '../../wire/envelope.ts';
import { PictureForm } from '../../wire/media/forms.ts';

/** Maximum bytes of an uploaded picture. Useful thumbnails are much smaller. */
const MAX_PICTURE_BYTES = 20 * 1024 * 1024;

/** Registers the routes with which accounts set and remove their own thumbnail of a media. */
export function thumbnailRoutes(
  api: App,
  { thumbnails, authenticator }: Pick<Services, 'thumbnails' | 'authenticator'>,
): void {
  api.post(
    '/media/:id/thumbnail',
    {
      config: {
        errors: {
          invalid_upload: 'The form has no file, is malformed or was cut off.',
          too_large: 'The picture is larger than 20 MiB.',
          unsupported_media_type: 'The body is not a form, or the file is not a picture.',
          limit_reached:
            'The account has no room for the thumbnail, or takes as much of the database as it may.',
          overloaded: 'The server is too busy to decode another picture. Retry later.',
        },
      },
      schema: {
        operationId: 'setThumbnail',
        tags: ['Media'],
        answerExample: message('the thumbnail was changed'),
        summary: 'Give a media a thumbnail of its own',
        description: 'A picture such as JPEG, PNG or WebP, of at most 20 MiB, in the field `file`.',
        consumes: ['multipart/form-data'],
        form: PictureForm,
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const receive = async (file: string) => {
        await receivePicture(request, file);
        await refuseRevoked(request, authenticator);
      };
      await thumbnails.set(accountOf(request).id, request.params.id, { by: actorOf(request), receive });
      return message('the thumbnail was changed');
    },
  );

  api.delete(
    '/media/:id/thumbnail',
    {
      schema: {
        operationId: 'removeThumbnail',
        tags: ['Media'],
        answerExample: message('the thumbnail was removed'),
        summary: "Remove a media's own thumbnail. The one that was taken from the media is shown again",
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      await thumbnails.remove(accountOf(request).id, request.params.id, actorOf(request));
      return message('the thumbnail was removed');
    },
  );
}

/** Writes the picture in a form to the file `target`. */
async function receivePicture(request: FastifyRequest, target: string): Promise<void> {
  try {
    const upload = await request.file({ limits: { fileSize: MAX_PICTURE_BYTES } });
    // Refuses a file without a name, which browsers send if the person has selected no file.
    if (!upload?.filename) {
      upload?.file.resume();
      throw invalidPicture('invalid_upload', 'expected a picture, but the form has no file');
    }
    await pipe(upload.file, createWriteStream(target));
    if (!upload.file.truncated) return;
  } catch (error) {
    throw formFailure(error);
  }
  throw invalidPicture('too_large', `expected a picture of at most ${MAX_PICTURE_BYTES} bytes`);
}
