import type { RouteOptions } from 'fastify';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { commonErrors } from './described-errors.ts';
import { answerHeaders, HEADER_COMPONENTS } from './described-headers.ts';
import type { App } from './server.ts';
import { ErrorBody } from './wire/envelope.ts';

/** Of an answer that is no JSON, what the description says. */
export interface DescribedAnswer {
  readonly description: string;
  /** None where there is no body. */
  readonly contentTypes?: readonly string[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Errors that do not follow from what the route is, with when they are answered; or said better than they would be. */
    errors?: Partial<Record<ErrorCode, string>>;
    /** Whether it changes what is stored. By default, whatever is no GET does; a GET that does is refused to other sites' pages. */
    writes?: boolean;
    /** Answers that are no errors and have no schema. */
    answers?: Readonly<Record<number, DescribedAnswer>>;
  }
}

type Described = Record<string, unknown>;
interface Document {
  paths?: object;
  components?: { schemas?: object; headers?: object };
}
interface Operation {
  responses: Record<string, Described>;
}

/** What statuses of success are called where their schema has no description. */
const DONE: Record<string, string> = {
  200: 'It was done.',
  201: 'It was created.',
  202: 'It was accepted, and is on the disk.',
};

/** The framework's own words where a schema has none. */
const NO_DESCRIPTION = 'Default Response';

/**
 * Fills in what each operation answers when it does not do what was asked, and with which headers: nothing that
 * validates or serialises, so that it is made when the description is asked for, and not with each route.
 * To be called before there are routes.
 * @returns completes the description
 */
export function describeAnswers(app: App): (document: Document) => void {
  const routes = new Map<string, RouteOptions>();
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) routes.set(`${method} ${describedPath(route.url)}`, route);
  });
  return (document) => {
    document.components = {
      ...document.components,
      schemas: { ...document.components?.schemas, Error: ErrorBody },
      headers: HEADER_COMPONENTS,
    };
    const { paths = {} } = document;
    for (const [path, methods] of Object.entries(paths as Record<string, Record<string, Operation>>)) {
      for (const [method, operation] of Object.entries(methods)) {
        const route = routes.get(`${method.toUpperCase()} ${path}`);
        if (!route) throw new Error(`${method} ${path} is described, and is no route`);
        // Operations of one route share the framework's object.
        methods[method] = { ...operation, responses: responsesOf(route, operation) };
      }
    }
  };
}

/** `/media/:id/*` as the description has it: `/media/{id}/{*}`. */
function describedPath(url: string): string {
  return url.replaceAll(/:(\w+)/g, '{$1}').replace(/\*$/, '{*}');
}

function responsesOf(route: RouteOptions, { responses }: Operation): Record<string, Described> {
  const described: Record<string, Described> = {};
  const { answers = {} } = route.config ?? {};
  const schemas = (route.schema?.response ?? {}) as Record<string, unknown>;
  for (const [status, response] of Object.entries(responses)) {
    if (!(status in schemas)) continue;
    const { description } = response;
    const text = description === NO_DESCRIPTION ? (DONE[status] ?? description) : description;
    described[status] = { ...response, description: text, headers: headersOf(route, Number(status)) };
  }
  for (const [status, answer] of Object.entries(answers))
    described[status] = ownAnswer(route, Number(status), answer);
  for (const [status, codes] of byStatus(commonErrors(route)))
    described[status] = errorAnswer(route, status, codes);
  return described;
}

function ownAnswer(route: RouteOptions, status: number, answer: DescribedAnswer): Described {
  const { description, contentTypes } = answer;
  const content = contentTypes && Object.fromEntries(contentTypes.map((type) => [type, bodyOf(type)]));
  return { description, headers: headersOf(route, status), ...(content && { content }) };
}

/** Bytes have no schema: https://spec.openapis.org/oas/v3.1.1.html#considerations-for-file-uploads */
function bodyOf(contentType: string): Described {
  return contentType.startsWith('text/') ? { schema: { type: 'string' } } : {};
}

function byStatus(errors: ReadonlyMap<ErrorCode, string>): Map<number, [ErrorCode, string][]> {
  return Map.groupBy(errors, ([code]) => ERRORS[code].status);
}

function errorAnswer(route: RouteOptions, status: number, errors: readonly [ErrorCode, string][]): Described {
  const codes = errors.map(([name]) => name);
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Error' }, { properties: { code: { enum: codes } } }],
  };
  return {
    description: errors.map(([name, when]) => `\`${name}\`: ${when}`).join('\n\n'),
    headers: headersOf(route, status),
    content: { 'application/json': { schema } },
  };
}

function headersOf(route: RouteOptions, status: number): Described {
  return answerHeaders({ status, isLimited: route.config?.isProbe !== true });
}
