import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { notFound } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { OPTIONAL_CREDENTIALS } from '../../openapi/security.ts';
import type { Services } from '../../services.ts';
import { IdParams } from '../../wire/envelope.ts';
import { LinkToken, mayReadFiles } from './signed-links.ts';

const SignedParams = Type.Object({ token: LinkToken, ...IdParams.properties });

/**
 * Registers the player: a page that contains only a video element, and that other pages can embed in a frame.
 * Browsers that play HLS (Safari, and Chromium since version 142) play the video without scripts. DASH has no
 * player page, because no browser plays DASH.
 */
export function playerRoutes(app: App, { library, links }: Pick<Services, 'library' | 'links'>): void {
  const answers = { 200: { description: 'An HTML page.', contentTypes: ['text/html; charset=utf-8'] } };
  const errors = { not_found: 'There is no such media, or the caller may not read it.' };
  const config = { access: 'public' as const, answers, errors };

  app.get(
    '/player/:id/hls',
    {
      config,
      schema: {
        operationId: 'showPlayer',
        tags: ['Files'],
        summary: 'A page that plays a media',
        security: OPTIONAL_CREDENTIALS,
        params: IdParams,
      },
    },
    (request, reply) => show(request, reply, request.params),
  );

  app.get(
    '/player/t/:token/:id/hls',
    {
      config: { ...config, errors: { ...errors, link_expired: 'The link has expired.' } },
      schema: {
        operationId: 'showSignedPlayer',
        tags: ['Files'],
        summary: 'A page that plays a media that is not public, by a signed link',
        security: OPTIONAL_CREDENTIALS,
        params: SignedParams,
      },
    },
    (request, reply) => show(request, reply, request.params),
  );

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, token }: { id: string; token?: string },
  ): Promise<FastifyReply> {
    const media = await library.findAny(id);
    if (!media || !mayReadFiles(request, media, { links, token })) throw notFound('media');
    // The links are relative to the page, so that they are right whatever path a proxy serves the service below.
    const files = token === undefined ? `../../assets/${id}` : `../../../../assets/t/${token}/${id}`;
    return (
      reply
        .header('x-content-type-options', 'nosniff')
        // Makes browsers send no Referer header, because the page's address can be a signed link, which other
        // sites must not see.
        .header('referrer-policy', 'no-referrer')
        .header(
          'content-security-policy',
          "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'",
        )
        .type('text/html; charset=utf-8')
        .send(page(`${files}/hls/master.m3u8`, `${files}/thumbnail.jpg`))
    );
  }
}

function page(source: string, poster: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Player</title>
<style>html, body, video { margin: 0; width: 100%; height: 100%; background: #000 }</style></head>
<body><video src="${source}" poster="${poster}" controls playsinline></video></body>
</html>
`;
}
