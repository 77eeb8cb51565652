import { existsSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { mediaRoot } from '../../../data-folder/paths.ts';
import { notFound } from '../../../domain/errors.ts';
import type { Media } from '../../../domain/media.ts';
import {
  customThumbnailFile,
  mediaDir,
  publicDir,
  sourceFile,
  thumbnailFile,
} from '../../../media/files/media-files.ts';
import type { App } from '../../app.ts';
import { mayReadAll } from '../../hooks/authentication.ts';
import { OPTIONAL_CREDENTIALS } from '../../openapi/security.ts';
import type { Services } from '../../services.ts';
import { LinkToken, mayReadFiles } from './signed-links.ts';

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

const AssetParams = Type.Object({
  id: Type.String({ format: 'uuid' }),
  '*': Type.String({ description: 'The name of the file.', examples: ['hls/master.m3u8'] }),
});
const SignedParams = Type.Object({ token: LinkToken, ...AssetParams.properties });

const FILE_TYPES = [...Object.values(CONTENT_TYPES), 'application/octet-stream'];
/** What the API's description says of files. */
const FILE_ANSWERS = {
  200: { description: 'The whole file.', contentTypes: FILE_TYPES },
  206: { description: 'A part of it, as its range asks.', contentTypes: FILE_TYPES },
  304: { description: 'It is the one that its sender has already.' },
};
const FILE_ERRORS = {
  not_found: 'There is no such file, or it is not shown to whoever asks.',
  range_not_satisfiable: 'The range lies outside the file.',
};

/** Where players of other origins ask before they send a header: hls.js, for a part of a file. */
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': 'range, authorization',
  'access-control-max-age': '86400',
};

/**
 * Serves the files of media, with range requests. Those of a media that is not public, and every source,
 * are for its account alone. `app` has the prefix `/assets`, and answers to nothing else.
 */
export async function assetRoutes(app: App, { storage, links, dataDir }: Services): Promise<void> {
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

  // Refusals bear them, too: a player of another origin is then told why it gets nothing.
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'content-range, accept-ranges',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'referrer-policy': 'no-referrer',
    });
  });

  const access = { config: { access: 'public' as const } };

  app.options('/*', { ...access, schema: { hide: true } }, (_request, reply) =>
    reply.code(204).headers(PREFLIGHT).send(),
  );

  const config = { ...access.config, answers: FILE_ANSWERS, errors: FILE_ERRORS };
  app.get(
    '/:id/*',
    {
      config,
      schema: {
        operationId: 'getFile',
        tags: ['Files'],
        summary: 'A file of a media',
        security: OPTIONAL_CREDENTIALS,
        params: AssetParams,
      },
    },
    (request, reply) => serve(request, reply, request.params),
  );

  app.get(
    '/t/:token/:id/*',
    {
      config: { ...config, errors: { ...FILE_ERRORS, link_expired: 'The link is past its time.' } },
      schema: {
        operationId: 'getSignedFile',
        tags: ['Files'],
        summary: 'A file of a media that is not public, by a signed link',
        security: OPTIONAL_CREDENTIALS,
        params: SignedParams,
      },
    },
    (request, reply) => serve(request, reply, request.params),
  );

  async function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, token, '*': name }: { id: string; token?: string; '*': string },
  ): Promise<FastifyReply> {
    // Made absolute before it is made plain, a path can't climb out of its media.
    const path = posix.normalize(`/${name}`).slice(1);
    const media = await storage.media.findAny(id);
    const isShown =
      media &&
      // A signed link is handed on to those who play: what was uploaded is not theirs.
      (path === 'source'
        ? mayReadAll(request, media.userId)
        : mayReadFiles(request, media, { links, token }));
    // No name of a file has a NUL.
    if (!isShown || path.includes('\0')) throw notFound('file');
    setFileHeaders(reply, path, media);
    return reply.sendFile(relative(root, fileOf(path, media)), root);
  }

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
    reply.header('cross-origin-resource-policy', 'same-site');
    reply.header('cache-control', 'private, no-cache');
    return;
  }
  const extension = /\.\w+$/.exec(path)?.[0] ?? '';
  const type = CONTENT_TYPES[extension];
  reply.header('content-type', type ?? 'application/octet-stream');
  if (!type) reply.header('content-disposition', 'attachment');
  const isSegment = extension === '.ts' || extension === '.m4s';
  const audience = media.isPublic ? 'public' : 'private';
  reply.header('cache-control', isSegment ? `${audience}, max-age=${SEGMENT_MAX_AGE_S}` : 'no-cache');
}
