import { notFound } from '../../errors.ts';
import { mayReadAll } from '../authentication.ts';
import type { App, Services } from '../server.ts';
import { IdParams } from '../wire/envelope.ts';

/**
 * A page with nothing but a player, to be framed by others: the browser's own. Browsers that play HLS
 * (Safari, and Chromium since version 142) play it as it is; none plays DASH, which has no page.
 */
export function playerRoutes(app: App, { storage }: Services): void {
  app.get(
    '/player/:id/hls',
    { config: { access: 'public' }, schema: { hide: true, params: IdParams } },
    async (request, reply) => {
      const { id } = request.params;
      const media = await storage.media.findAny(id);
      if (!media || !(media.isPublic || mayReadAll(request, media.userId))) throw notFound('media');
      return reply
        .header(
          'content-security-policy',
          "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'",
        )
        .type('text/html; charset=utf-8')
        .send(page(`/assets/${id}/hls/master.m3u8`, `/assets/${id}/thumbnail.jpg`));
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
