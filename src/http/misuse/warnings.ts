import type { RouteOptions } from 'fastify';
import type { ErrorDetail } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { WARNINGS } from '../wire/envelope.ts';
import { type FieldSchema, unknownFieldFinder } from './unknown-fields.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Names the unknown fields of a body. `useWarnings` sets it for each route that has a schema for its body. */
    unknownFields?: (body: unknown) => ErrorDetail[];
  }
  interface FastifyRequest {
    /** Fields of the body that the route does not know. `null`: the body was not searched. */
    warnings: readonly ErrorDetail[] | null;
  }
}

/**
 * Adds a list `warnings` to the answer of a request whose body has unknown fields. Unknown fields are
 * ignored, so that newer clients work. But a misspelt optional field would be ignored without a trace.
 */
export function useWarnings(app: App): void {
  app.decorateRequest('warnings', null);
  app.addHook('onRoute', describeWarnings);
  app.addHook('preValidation', (request, _reply, done) => {
    const find = request.routeOptions.config.unknownFields;
    if (find) request.warnings = find(request.body);
    done();
  });
  app.addHook('preSerialization', ({ warnings }, _reply, payload, done) => {
    done(null, warnings === null || warnings.length === 0 ? payload : { ...(payload as object), warnings });
  });
}

/** Lets the answers of a route contain warnings, if the route has a schema for its body. */
function describeWarnings(route: RouteOptions): void {
  const { schema } = route;
  if (!schema?.body) return;
  route.config = { ...route.config, unknownFields: unknownFieldFinder(schema.body as FieldSchema) };
  const answers = Object.entries((schema.response ?? {}) as Record<string, { properties?: object }>);
  const response = answers.map(([status, answer]) => [
    status,
    { ...answer, properties: { ...answer.properties, warnings: WARNINGS } },
  ]);
  route.schema = { ...schema, response: Object.fromEntries(response) };
}
