import swagger, { type SwaggerTransform } from '@fastify/swagger';
import type { RouteOptions } from 'fastify';
import type { TObject } from 'typebox';
import type { App } from '../app.ts';
import type { Description } from '../openapi/description.ts';
import { SECURITY, SECURITY_SCHEMES } from '../openapi/security.ts';
import { message } from '../wire/envelope.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** Of the answer to a success, where that of its schema's parts does not tell what this operation answers. */
    answerExample?: unknown;
    /** A form with a file, and the headers that say more of it: the route checks them itself. */
    form?: TObject;
    formHeaders?: TObject;
    /** Whether the route does without the body that its schema describes. */
    isBodyOptional?: boolean;
  }
}

/**
 * The API's description, generated from the schemas that validate: for programs at /api/openapi.json, for people at
 * /api/docs. What makes it is loaded when somebody asks for it; of most services nobody does.
 */
export async function describeApi(app: App): Promise<void> {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  let transform: SwaggerTransform = ({ schema, url }) => ({ schema, url });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      security: SECURITY,
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    convertConstToEnum: false,
    transform: (route) => transform(route),
  });

  const describe = once(async (): Promise<Description> => {
    const { completeDescription, describeOperation } = await import('../openapi/complete-description.ts');
    transform = describeOperation;
    return completeDescription(app.swagger(), routes);
  });

  const page = once(async () => {
    const { renderPage } = await import('../openapi/page/page.ts');
    return renderPage(await describe());
  });

  const options = { config: { access: 'public' as const }, schema: { hide: true } };

  app.get('/api/openapi.json', options, () => describe());

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

  // For whoever opens the address that the service printed.
  app.get('/', options, async () =>
    message('Mediahooks is running; /api/docs describes its API for people, /api/openapi.json for programs'),
  );
}

/** What `make` makes, made when it is first asked for; one that fails is tried again. */
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
