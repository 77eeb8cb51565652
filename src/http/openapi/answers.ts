import type { RouteOptions } from 'fastify';
import type { ErrorCode } from '../../domain/errors.ts';
import { ERROR_STATUS } from '../error-status.ts';
import { ErrorBody } from '../wire/envelope.ts';
import type { Answer, Content, Operation } from './description.ts';
import { errorsOf } from './errors.ts';
import { answerHeaders, HEADER_COMPONENTS } from './headers.ts';

/** Description of an answer that has no JSON body. */
export interface DescribedAnswer {
  readonly description: string;
  /** Content types of the body; left out if the answer has no body. */
  readonly contentTypes?: readonly string[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Errors of the route, each with its condition. Needed only for errors that do not follow from the
     * route's other options, or that need a more precise text.
     */
    errors?: Partial<Record<ErrorCode, string>>;
    /** Successful answers that have no schema, by HTTP status. */
    answers?: Readonly<Record<number, DescribedAnswer>>;
  }
}

/** Components of the OpenAPI document that the answers of all operations refer to. */
export const ANSWER_COMPONENTS = { schemas: { Error: ErrorBody }, headers: HEADER_COMPONENTS };

/**
 * Returns all answers of an operation: the answers of its schemas, the answers in its config, and its errors.
 * @param responses answers that @fastify/swagger generated. An answer without a schema is only a
 * placeholder, and is left out
 */
export function answersOfRoute(
  route: RouteOptions,
  responses: Operation['responses'],
): Record<string, Answer> {
  const described: Record<string, Answer> = {};
  const schemas = (route.schema?.response ?? {}) as Record<string, unknown>;
  for (const [status, response] of Object.entries(responses)) {
    if (status in schemas) described[status] = { ...response, headers: headersOf(route, Number(status)) };
  }
  for (const [status, answer] of Object.entries(route.config?.answers ?? {}))
    described[status] = ownAnswer(route, Number(status), answer);
  for (const [status, codes] of byStatus(errorsOf(route)))
    described[status] = errorAnswer(route, status, codes);
  return described;
}

function ownAnswer(route: RouteOptions, status: number, answer: DescribedAnswer): Answer {
  const { description, contentTypes } = answer;
  const content = contentTypes && Object.fromEntries(contentTypes.map((type) => [type, bodyOf(type)]));
  return { description, headers: headersOf(route, status), ...(content && { content }) };
}

/**
 * Returns the OpenAPI content for a content type. Bytes have no schema:
 * https://spec.openapis.org/oas/v3.1.1.html#considerations-for-file-uploads
 */
function bodyOf(contentType: string): Content {
  return contentType.startsWith('text/') ? { schema: { type: 'string' } } : {};
}

function byStatus(errors: ReadonlyMap<ErrorCode, string>): Map<number, [ErrorCode, string][]> {
  return Map.groupBy(errors, ([code]) => ERROR_STATUS[code]);
}

function errorAnswer(route: RouteOptions, status: number, errors: readonly [ErrorCode, string][]): Answer {
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

function headersOf(route: RouteOptions, status: number): NonNullable<Answer['headers']> {
  return answerHeaders({ status, isLimited: route.config?.isProbe !== true });
}
