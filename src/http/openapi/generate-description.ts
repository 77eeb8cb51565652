import fastify, { type RouteOptions } from 'fastify';
import { COMPILERS_OF_ROUTES } from '../hooks/lazy-schemas.ts';
import { describeOperation } from './complete-description.ts';
import { SECURITY, SECURITY_SCHEMES } from './security.ts';

/** Number of routes that are added in one turn of the event loop, which takes some milliseconds. */
const ROUTES_OF_TURN = 10;

/**
 * Generates the description of `routes` from their schemas. The generator works on the routes of a server. It gets a
 * server of its own that never listens, because it would make each start of the service longer.
 * @param nextTurn fulfils in the next turn of the event loop, so that no turn takes long
 */
export async function generateDescription(routes: readonly RouteOptions[], nextTurn: () => Promise<void>) {
  const { default: swagger } = await import('@fastify/swagger');
  await nextTurn();
  const app = fastify({
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: COMPILERS_OF_ROUTES },
  });
  // Nothing is compiled, because no request is ever made.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => () => '');
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      security: SECURITY,
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    convertConstToEnum: false,
    transform: describeOperation,
  });
  await nextTurn();
  for (const [index, { method, url, schema, config }] of routes.entries()) {
    if (index % ROUTES_OF_TURN === 0) await nextTurn();
    app.route({
      method,
      url,
      handler: () => undefined,
      ...(schema && { schema }),
      ...(config && { config }),
    });
  }
  await app.ready();
  await nextTurn();
  return app.swagger();
}
