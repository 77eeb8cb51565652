import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { notFound } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import type { Services } from '../../services.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
};

/** Registers the route of the logo that the web console shows. The file is read at each request. */
export function consoleLogoRoute(api: App, { console: { logo } }: Pick<Services, 'console'>): void {
  const options = { config: { access: 'public' as const }, schema: { hide: true } };
  api.get('/console/logo', options, async (_request, reply) => {
    const file = logo === null ? null : await stat(logo).catch(() => null);
    if (logo === null || !file?.isFile()) throw notFound('logo');
    return reply
      .headers({
        // A picture in SVG may have scripts, which no browser runs here even if somebody opens the picture itself.
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        'x-content-type-options': 'nosniff',
        'cache-control': 'public, max-age=300',
        'content-length': file.size,
      })
      .type(CONTENT_TYPES[extname(logo).toLowerCase()] as string)
      .send(createReadStream(logo));
  });
}
