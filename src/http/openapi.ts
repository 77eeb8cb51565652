import swagger from '@fastify/swagger';
import { describeAnswers } from './described-answers.ts';
import type { App } from './server.ts';
import { message } from './wire/envelope.ts';

/** The API's description, generated from the schemas that validate; served at /api/openapi.json. */
export async function describeApi(app: App): Promise<void> {
  const completeAnswers = describeAnswers(app);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mediahooks',
        description:
          'Receives media files, encodes them, and delivers what happens to them as signed webhooks.',
        version: '1',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          basic: { type: 'http', scheme: 'basic', description: 'public key and secret key of an API key' },
        },
      },
      security: [{ bearer: [] }, { basic: [] }],
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      completeAnswers(document.openapiObject);
      return document.openapiObject;
    },
  });
  app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
  // For whoever opens the address that the service printed.
  app.get('/', { config: { access: 'public' }, schema: { hide: true } }, async () =>
    message('Mediahooks is running; /api/openapi.json describes its API'),
  );
}
