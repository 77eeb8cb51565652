import type { RouteOptions } from 'fastify';
import type { TObject } from 'typebox';
import type { App } from '../app.ts';
import { wantsPage } from '../console/console-pages.ts';
import type { Description } from '../openapi/description.ts';
import { message } from '../wire/envelope.ts';

declare module 'fastify' {
  interface FastifySchema {
    /**
     * Example of the successful answer. Needed only if the examples of the schema's parts do not show what
     * this operation answers.
     */
    answerExample?: unknown;
    /**
     * Schemas of a form with a file and of the form's headers. Both schemas serve only the API's description;
     * the route validates its requests itself.
     */
    form?: TObject;
    formHeaders?: TObject;
    /** Whether requests can leave out the body that the schema describes. */
    isBodyOptional?: boolean;
  }
}

/**
 * Serves the API's description: as OpenAPI at /api/openapi.json, and as a page for people at /api/docs. The
 * description is generated from the same schemas that validate requests. The code that generates it is loaded
 * at the first request, because most services never need it.
 */
export function describeApi(app: App, { hasConsole }: { readonly hasConsole: boolean }): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  // Each part takes some ten milliseconds, so that each has a turn of its own of the event loop.
  const describe = once(async (): Promise<Description> => {
    const { completeDescription } = await import('../openapi/complete-description.ts');
    await nextTurn();
    const { generateDescription } = await import('../openapi/generate-description.ts');
    await nextTurn();
    const generated = await generateDescription(routes, nextTurn);
    await nextTurn();
    return completeDescription(generated, routes);
  });

  serveDescription(app, describe);
  answerFirstVisit(app, hasConsole);
}

function serveDescription(app: App, describe: () => Promise<Description>): void {
  const json = once(async () => {
    const description = await describe();
    await nextTurn();
    return JSON.stringify(description);
  });
  const page = once(async () => {
    const { renderInThread } = await import('../openapi/page/render-in-thread.ts');
    return renderInThread(await json());
  });

  const options = { config: { access: 'public' as const }, schema: { hide: true } };

  app.get('/api/openapi.json', options, async (_request, reply) =>
    reply.type('application/json').send(await json()),
  );

  app.get('/api/docs', options, async (_request, reply) => {
    const { html, contentSecurityPolicy } = await page();
    return reply
      .headers({
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      })
      .type('text/html; charset=utf-8')
      .send(html);
  });
}

/** Answers the URL that the service printed at its start: with the console for people, and a message for programs. */
function answerFirstVisit(app: App, hasConsole: boolean): void {
  app.get('/', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
    reply.header('vary', 'accept');
    if (hasConsole && wantsPage(request)) return reply.redirect('/console/', 302);
    return message(
      'Mediahooks is running; /api/docs describes its API for people, /api/openapi.json for programs',
    );
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Returns a function that calls `make` at its first call, and caches the result. A failure is not cached, so
 * that the next call tries again.
 */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error) => {
      made = null;
      throw error;
    });
    return made;
  };
}
