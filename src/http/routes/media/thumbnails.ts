import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline as pipe } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { type ErrorCode, notFound, ServiceError } from '../../../domain/errors.ts';
import { makeCustomThumbnail } from '../../../media/encoding/derived-files.ts';
import { customThumbnailFile, mediaDir, trashDir } from '../../../media/files/media-files.ts';
import { whilePresent } from '../../../media/files/while-present.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf, refuseRevoked } from '../../hooks/authentication.ts';
import { formFailure } from '../../hooks/file-form.ts';
import type { Services } from '../../services.ts';
import { IdParams, MessageBody, message } from '../../wire/envelope.ts';
import { PictureForm } from '../../wire/forms.ts';

/** More than any picture that is worth showing. */
const MAX_PICTURE_BYTES = 20 * 1024 * 1024;
/** Decoding a picture takes a fraction of a second, unless it was made to take longer. */
const DECODE_TIMEOUT_MS = 30_000;

export function thumbnailRoutes(api: App, services: Services): void {
  const { storage, authenticator, pipeline, dataDir, ffmpegPath, mediaLimits: limits, now } = services;

  api.post(
    '/media/:id/thumbnail',
    {
      config: {
        errors: {
          invalid_upload: 'The form has no file, is malformed or was cut off.',
          too_large: 'The picture is larger than 20 MiB.',
          unsupported_media_type: 'The body is no form, or the file no picture.',
          overloaded: 'Too much is under way for another picture to be decoded.',
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
      const userId = accountOf(request).id;
      const { id } = request.params;
      if (!(await storage.media.find(userId, id))) throw notFound('media');
      await whilePresent({ id, userId }, { store: storage.media, pipeline }, async () => {
        await changeThumbnail(request, mediaDir(dataDir, id));
        await storage.media.setThumbnail(userId, id, true, { at: now(), by: actorOf(request) });
      });
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
        summary: "Remove a media's own thumbnail; the one taken from it shows again",
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (
        !(await storage.media.setThumbnail(accountOf(request).id, id, false, {
          at: now(),
          by: actorOf(request),
        }))
      )
        throw notFound('media');
      await rm(customThumbnailFile(mediaDir(dataDir, id)), { force: true });
      return message('the thumbnail was removed');
    },
  );

  async function changeThumbnail(request: FastifyRequest, dir: string): Promise<void> {
    const place = join(trashDir(dataDir), randomUUID());
    const picture = join(place, 'picture');
    try {
      await mkdir(place, { recursive: true });
      await receivePicture(request, picture);
      await refuseRevoked(request, authenticator);
      await convert(picture, dir);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  async function convert(picture: string, dir: string): Promise<void> {
    const signal = AbortSignal.timeout(DECODE_TIMEOUT_MS);
    const made = await makeCustomThumbnail(picture, { mediaDir: dir, ffmpegPath, signal, limits });
    if (made.ok) return;
    if (made.kind === 'no-space') throw new ServiceError('storage_full', made.reason);
    if (made.kind === 'exhausted') throw new ServiceError('overloaded', made.reason);
    throw invalidFile(
      'unsupported_media_type',
      `expected a picture, such as JPEG, PNG or WebP; ${made.reason}`,
    );
  }
}

async function receivePicture(request: FastifyRequest, target: string): Promise<void> {
  try {
    const upload = await request.file({ limits: { fileSize: MAX_PICTURE_BYTES } });
    // Browsers send a file input that was left empty as a file without a name.
    if (!upload?.filename) {
      upload?.file.resume();
      throw invalidFile('invalid_upload', 'expected a picture, and the form has no file');
    }
    await pipe(upload.file, createWriteStream(target));
    if (!upload.file.truncated) return;
  } catch (error) {
    throw formFailure(error);
  }
  throw invalidFile('too_large', `expected a picture of at most ${MAX_PICTURE_BYTES} bytes`);
}

function invalidFile(code: ErrorCode, message: string): ServiceError {
  return new ServiceError(code, `file: ${message}`, { details: [{ field: 'file', message }] });
}
