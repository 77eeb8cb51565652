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
import { limitSentFiles } from './sent-files.ts';
import { LinkToken, mayReadFiles } from './signed-links.ts';

/** Content types of the files that players load, by the file name's extension. */
const CONTENT_TYPES: Record<string, string> = {
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.ts': 'video/mp2t',
  '.m4s': 'video/iso.segment',
  '.mp4': 'video/mp4',
  '.mpd': 'application/dash+xml',
  '.jpg': 'image/jpeg',
};

/**
 * Seconds for which clients can cache a segment. Only segments are cached: they never change once they are
 * finished, but playlists change with each finished quality.
 */
const SEGMENT_MAX_AGE_S = 3600;

const AssetParams = Type.Object({
  id: Type.String({ format: 'uuid' }),
  '*': Type.String({
    description: 'The name of the file, which can contain slashes.',
    examples: ['hls/master.m3u8'],
  }),
});
const SignedParams = Type.Object({ token: LinkToken, ...AssetParams.properties });

const FILE_TYPES = [...Object.values(CONTENT_TYPES), 'application/octet-stream'];
/** Answers to a request for a file, for the API's description. */
const FILE_ANSWERS = {
  200: { description: 'The whole file.', contentTypes: FILE_TYPES },
  206: { description: 'The requested range of the file.', contentTypes: FILE_TYPES },
  304: { description: 'The file has not changed since the client loaded it.' },
};
const FILE_ERRORS = {
  not_found: 'There is no such file, or the caller may not read it.',
  range_not_satisfiable: 'The range lies outside the file.',
  overloaded: 'Too many files are being sent. Retry later.',
};

/**
 * Headers of the answer to a CORS preflight. Players on other origins, such as hls.js, send a preflight
 * before they request a range of a file.
 */
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': 'range, authorization',
  'access-control-max-age': '86400',
};

/**
 * Registers the routes that serve the files of media, with support for range requests.
 * - Only the account of a media can read the uploaded file.
 * - If a media is not public, its other files can be read only by its account and with signed links.
 * @param app Fastify instance that has the prefix `/assets` and no other routes
 * @param mostSentFiles maximum number of files that are sent at the same time
 */
export async function assetRoutes(
  app: App,
  { library, links, dataDir, metrics }: Pick<Services, 'library' | 'links' | 'dataDir' | 'metrics'>,
  mostSentFiles: number,
): Promise<void> {
  limitSentFiles(app, mostSentFiles, () => metrics.requestsRefused.files.inc());
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

  // Sets these headers in a hook, so that errors have them too, and a player on another origin can read the
  // error.
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
      config: { ...config, errors: { ...FILE_ERRORS, link_expired: 'The link has expired.' } },
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
    // Makes the path absolute before normalizing it, so that `..` in the path can't leave the
    // folder of the media.
    const path = posix.normalize(`/${name}`).slice(1);
    const media = await library.findAny(id);
    const isShown =
      media &&
      // Signed links give no access to the uploaded file, because such links are given to viewers of the
      // media.
      (path === 'source'
        ? mayReadAll(request, media.userId)
        : mayReadFiles(request, media, { links, token }));
    // Refuses paths with a NUL character, because no file name can contain it.
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

/** Sets the headers for the file's content type and for caching. */
function setFileHeaders(reply: FastifyReply, path: string, media: Media): void {
  if (path === 'source') {
    // Makes browsers download an uploaded file, because they must never show the file as a page of this site.
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
