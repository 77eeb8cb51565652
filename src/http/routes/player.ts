import { Type } from 'typebox';
import { STREAM_TYPES } from '../../domain/media.ts';
import { notFound } from '../../errors.ts';
import type { App, Services } from '../server.ts';

const SOURCE = { hls: 'hls/master.m3u8', dash: 'dash/manifest.mpd' } as const;

/**
 * A page with nothing but a player, to be framed by others: the browser's own. Browsers that play HLS
 * (Safari, and Chromium since version 142) play it as it is.
 */
export function playerRoutes(app: App, { storage }: Services): void {
  app.get(
    '/player/:id/:stream',
    {
      config: { access: 'public' },
      schema: {
        hide: true,
        params: Type.Object({ id: Type.String({ format: 'uuid' }), stream: Type.Enum(STREAM_TYPES) }),
      },
    },
    async (request, reply) => {
      const { id, stream } = request.params;
      const media = await storage.media.findAny(id);
      const isOwner = media !== null && request.identity?.account.id === media.userId;
      if (!media || !(isOwner || media.isPublic)) throw notFound('media');
      return reply
        .header(
          'content-security-policy',
          "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'",
        )
        .type('text/html; charset=utf-8')
        .send(page(`/assets/${id}/${SOURCE[stream]}`, `/assets/${id}/thumbnail.jpg`));
    },
  );
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
