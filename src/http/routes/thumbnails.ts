import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline as pipe } from 'node:stream/promises';
import { ApiError, notFound } from '../../errors.ts';
import { makeCustomThumbnail } from '../../media/encode/packaging.ts';
import { customThumbnailFile, mediaDir, workDir } from '../../media/media-files.ts';
import { accountOf } from '../authentication.ts';
import type { App, Services } from '../server.ts';
import { errorAnswers, IdParams, MessageBody, message } from '../wire/envelope.ts';

/** More than any picture that is worth showing. */
const MAX_PICTURE_BYTES = 20 * 1024 * 1024;
/** Decoding a picture takes a fraction of a second, unless it was made to take longer. */
const DECODE_TIMEOUT_MS = 30_000;

export function thumbnailRoutes(api: App, { storage, dataDir, ffmpegPath, now }: Services): void {
  api.post(
    '/media/:id/thumbnail',
    {
      schema: {
        summary: 'Give a media a thumbnail of its own',
        consumes: ['multipart/form-data'],
        params: IdParams,
        response: { 200: MessageBody, ...errorAnswers },
      },
    },
    async (request) => {
      const userId = accountOf(request).id;
      const { id } = request.params;
      if (!(await storage.media.find(userId, id))) throw notFound('media');
      const dir = mediaDir(dataDir, id);
      const picture = join(workDir(dir), `${randomUUID()}.picture`);
      try {
        const upload = await request.file({ limits: { fileSize: MAX_PICTURE_BYTES } });
        if (!upload) throw new ApiError('invalid_upload', 'the form has no file');
        await mkdir(workDir(dir), { recursive: true });
        await pipe(upload.file, createWriteStream(picture));
        if (upload.file.truncated) {
          throw new ApiError('too_large', `expected a picture of at most ${MAX_PICTURE_BYTES} bytes`);
        }
        await convert(picture, dir);
      } finally {
        await rm(picture, { force: true });
      }
      if (!(await storage.media.setThumbnail(userId, id, true, now()))) throw notFound('media');
      return message('the thumbnail was changed');
    },
  );

  api.delete(
    '/media/:id/thumbnail',
    {
      schema: {
        summary: "Remove a media's own thumbnail; the one taken from it shows again",
        params: IdParams,
        response: { 200: MessageBody, ...errorAnswers },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await storage.media.setThumbnail(accountOf(request).id, id, false, now())))
        throw notFound('media');
      await rm(customThumbnailFile(mediaDir(dataDir, id)), { force: true });
      return message('the thumbnail was removed');
    },
  );

  async function convert(picture: string, dir: string): Promise<void> {
    const signal = AbortSignal.timeout(DECODE_TIMEOUT_MS);
    const made = await makeCustomThumbnail(picture, { mediaDir: dir, ffmpegPath, signal });
    if (made.ok) return;
    if (made.kind === 'no-space') throw new ApiError('storage_full', made.reason);
    throw new ApiError(
      'unsupported_media_type',
      `file: expected a picture, such as JPEG, PNG or WebP; ${made.reason}`,
    );
  }
}
