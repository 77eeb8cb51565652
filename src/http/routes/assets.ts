import { existsSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Media } from '../../domain/media.ts';
import { notFound } from '../../errors.ts';
import {
  customThumbnailFile,
  mediaDir,
  mediaRoot,
  publicDir,
  sourceFile,
  thumbnailFile,
} from '../../media/media-files.ts';
import { mayReadAll } from '../authentication.ts';
import type { App, Services } from '../server.ts';

/** What players need, and Node's table does not know. */
const CONTENT_TYPES: Record<string, string> = {
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.ts': 'video/mp2t',
  '.m4s': 'video/iso.segment',
  '.mp4': 'video/mp4',
  '.mpd': 'application/dash+xml',
  '.jpg': 'image/jpeg',
};

/** Finished segments never change; playlists do, with each quality that is done. */
const SEGMENT_MAX_AGE_S = 3600;

const AssetParams = Type.Object({ id: Type.String({ format: 'uuid' }), '*': Type.String() });

/**
 * Serves the files of media, with range requests. Those of a media that is not public, and every source,
 * are for its account alone. `app` has the prefix `/assets`, and answers to nothing else.
 */
export async function assetRoutes(app: App, { storage, dataDir }: Services): Promise<void> {
  const root = mediaRoot(dataDir);
  await app.register(fastifyStatic, {
    root,
    serve: false,
    dotfiles: 'ignore',
    index: false,
    cacheControl: false,
  });

  app.setNotFoundHandler(() => {
    throw notFound('file');
  });

  app.get(
    '/:id/*',
    { config: { access: 'public' }, schema: { hide: true, params: AssetParams } },
    async (request, reply) => {
      const { id } = request.params;
      // Made absolute before it is made plain, a path can't climb out of its media.
      const path = posix.normalize(`/${request.params['*']}`).slice(1);
      const media = await storage.media.findAny(id);
      const isShown = media && ((media.isPublic && path !== 'source') || mayReadAll(request, media.userId));
      // No name of a file has a NUL.
      if (!isShown || path.includes('\0')) throw notFound('file');
      reply.header('access-control-allow-origin', '*');
      reply.header('x-content-type-options', 'nosniff');
      reply.header('content-security-policy', "default-src 'none'; sandbox");
      setFileHeaders(reply, path, media);
      return reply.sendFile(relative(root, fileOf(path, media)), root);
    },
  );

  function fileOf(path: string, media: Media): string {
    const dir = mediaDir(dataDir, media.id);
    if (path === 'source') return sourceFile(dir);
    if (path === 'thumbnail.jpg' && media.hasThumbnail && existsSync(customThumbnailFile(dir))) {
      return customThumbnailFile(dir);
    }
    if (path === 'thumbnail.jpg') return thumbnailFile(dir);
    return join(publicDir(dir), path);
  }
}

/** Says what the file is, and how long it may be kept. */
function setFileHeaders(reply: FastifyReply, path: string, media: Media): void {
  if (path === 'source') {
    // Whatever somebody uploaded is never shown by a browser as a page of ours.
    reply.header('content-type', 'application/octet-stream');
    reply.header('content-disposition', 'attachment');
    return;
  }
  const extension = /\.\w+$/.exec(path)?.[0] ?? '';
  reply.header('content-type', CONTENT_TYPES[extension] ?? 'application/octet-stream');
  const isSegment = extension === '.ts' || extension === '.m4s';
  const audience = media.isPublic ? 'public' : 'private';
  reply.header('cache-control', isSegment ? `${audience}, max-age=${SEGMENT_MAX_AGE_S}` : 'no-cache');
}
