import type { SwaggerTransform } from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import type { Access } from '../hooks/authentication.ts';
import { EXAMPLE_IDS } from '../wire/example-values.ts';
import { ANSWER_COMPONENTS, answersOfRoute } from './answers.ts';
import { deliveredEvents } from './delivered-events.ts';
import type { Description, Operation, PathItem, Schema } from './description.ts';
import { exampleOf } from './example-of.ts';
import { INTRODUCTION, LICENSE, TAGS, TITLE, VERSION } from './introduction.ts';

/**
 * Name of the field that marks operations whose body is optional. `describeOperation` adds the field, and
 * `completeOperation` removes it.
 */
const BODY_OPTIONAL = 'x-body-optional';

const ACCESS_NOTES: Partial<Record<Access, string>> = {
  operator: 'Only operators may call it.',
  upload: 'An API key of the type `only_upload` is sufficient.',
};

/** Name of the path parameter that stands for the rest of a path. */
const REST = 'file';

/**
 * Base of all paths: the service that serves the description. The URL is relative to that of the description,
 * so that it is right whatever path a proxy serves the service below.
 */
const SERVER = { url: '..', description: 'The service that serves this description.' };

/** Descriptions of successful answers whose schema has no description, by HTTP status. */
const SUCCESS: Readonly<Record<string, string>> = {
  200: 'The request succeeded.',
  201: 'The object was created.',
  202: 'The request was accepted and stored durably.',
};

/** For each path segment that an id follows: an example of the id, and the kind of object that has the id. */
const IDS: Readonly<Record<string, { id: string; of: string }>> = {
  accounts: { id: EXAMPLE_IDS.account, of: 'the account' },
  api_keys: { id: EXAMPLE_IDS.apiKey, of: 'the API key' },
  inboxes: { id: EXAMPLE_IDS.check, of: 'the inbox' },
  deliveries: { id: EXAMPLE_IDS.delivery, of: 'the delivery' },
  media: { id: EXAMPLE_IDS.media, of: 'the media' },
  webhooks: { id: EXAMPLE_IDS.webhook, of: 'the webhook' },
};

/**
 * Adds notes to a route's schema: which callers the route accepts, what the id in its path means, and
 * examples.
 */
export const describeOperation: SwaggerTransform = ({ schema, url, route }) => {
  if (!schema || schema.hide) return { schema, url };
  const { answerExample, form, formHeaders, isBodyOptional, security, ...rest } = schema;
  const access: Access = route.config?.access ?? 'account';
  const description = [rest.description, ACCESS_NOTES[access]]
    .filter((text) => text !== undefined)
    .join('\n\n');
  const body = form ?? rest.body;
  return {
    url,
    schema: {
      ...rest,
      ...(description && { description }),
      ...(access === 'public' && { security: security ?? [] }),
      ...(rest.params !== undefined && { params: withIdExample(rest.params as Schema, url) }),
      ...(body !== undefined && { body: withExample(body as Schema) }),
      ...(formHeaders && { headers: formHeaders }),
      ...(isBodyOptional && { [BODY_OPTIONAL]: true }),
      ...(rest.response !== undefined && {
        response: withExamples(rest.response as Record<string, Schema>, answerExample),
      }),
    } as FastifySchema,
  };
};

function withIdExample(params: Schema, url: string): Schema {
  // In the paths of files and players, the id of a media does not follow a segment `media`, so
  // `media` is assumed.
  const known = IDS[url.split('/').find((part) => part in IDS) ?? 'media'];
  const { id } = params.properties ?? {};
  if (!known || !id) return params;
  const described = { ...id, description: `The id of ${known.of}.`, examples: [known.id] };
  return { ...params, properties: { ...params.properties, id: described } };
}

function withExamples(response: Readonly<Record<string, Schema>>, example: unknown): Record<string, Schema> {
  const answers = Object.entries(response).map(([status, schema]): [string, Schema] => {
    const description = SUCCESS[status];
    if (description === undefined) return [status, schema];
    const answer = example === undefined ? withExample(schema) : { ...schema, examples: [example] };
    return [status, { description, ...answer }];
  });
  return Object.fromEntries(answers);
}

function withExample(schema: Schema): Schema {
  const example = exampleOf(schema);
  return schema.examples || example === undefined ? schema : { ...schema, examples: [example] };
}

/**
 * Completes the description that @fastify/swagger generated: adds everything that no schema can express.
 * @param routes all routes of the service
 */
export function completeDescription(generated: object, routes: readonly RouteOptions[]): Description {
  const { paths, components, ...rest } = generated as Description;
  const byPath = Map.groupBy(routes, ({ url }) => pathOf(url));
  const completed = Object.entries(paths).map(([generated, item]) => {
    const path = withNamedRest(generated);
    return [path, completeItem(item, byPath.get(path))];
  });
  return {
    ...rest,
    servers: [SERVER],
    info: { title: TITLE, version: VERSION, description: INTRODUCTION, license: LICENSE },
    tags: TAGS,
    components: { ...components, ...ANSWER_COMPONENTS },
    paths: Object.fromEntries(completed),
    webhooks: deliveredEvents(),
  };
}

/** Returns a route's path in OpenAPI form: `/media/{id}/{file}` for `/media/:id/*`. */
function pathOf(url: string): string {
  return withNamedRest(url.replaceAll(/:(\w+)/g, '{$1}').replace(/\*$/, '{*}'));
}

/**
 * Returns a path with a name for the rest of the path, which can contain slashes. Fastify calls the rest `*`,
 * which OpenAPI does not allow as a name.
 */
function withNamedRest(path: string): string {
  return path.replace('{*}', `{${REST}}`);
}

function completeItem(item: PathItem, routes: readonly RouteOptions[] = []): PathItem {
  const completed: Record<string, Operation> = {};
  for (const [method, operation] of Object.entries(item)) {
    const route = routes.find((one) => [one.method].flat().includes(method.toUpperCase()));
    if (!route) throw new Error(`${method} of ${operation.operationId} is described but is not a route`);
    completed[method] = completeOperation(operation, route);
  }
  const { put, patch } = completed;
  // Gives the PUT an operation id of its own. One route can serve PUT and PATCH, but operation
  // ids must be unique.
  if (put && put.operationId === patch?.operationId)
    completed.put = { ...put, operationId: `${put.operationId}ByPut` };
  return completed;
}

function completeOperation(operation: Operation, route: RouteOptions): Operation {
  const { [BODY_OPTIONAL]: isBodyOptional, ...rest } = operation as Operation & { [BODY_OPTIONAL]?: boolean };
  const parameters = rest.parameters?.map((one) => (one.name === '*' ? { ...one, name: REST } : one));
  const completed = {
    ...rest,
    ...(parameters && { parameters }),
    responses: answersOfRoute(route, rest.responses),
  };
  if (!isBodyOptional || !rest.requestBody) return completed;
  return { ...completed, requestBody: { ...rest.requestBody, required: false } };
}
