import type { RouteOptions } from 'fastify';
import type { ErrorCode } from '../../domain/errors.ts';
import { ERROR_STATUS } from '../error-status.ts';
import { ErrorBody } from '../wire/envelope.ts';
import type { Answer, Content, Operation } from './description.ts';
import { errorsOf } from './errors.ts';
import { answerHeaders, HEADER_COMPONENTS } from './headers.ts';

/** Description of an answer that is not JSON. */
export interface DescribedAnswer {
  readonly description: string;
  /** Left out if the answer has no body. */
  readonly contentTypes?: readonly string[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Errors that do not follow from the route's other options, or that need a better text, each with its condition. */
    errors?: Partial<Record<ErrorCode, string>>;
    /** Successful answers that have no schema. */
    answers?: Readonly<Record<number, DescribedAnswer>>;
  }
}

/** Components that the answers of all operations refer to. */
export const ANSWER_COMPONENTS = { schemas: { Error: ErrorBody }, headers: HEADER_COMPONENTS };

/**
 * Returns all answers of an operation: those of its schemas, those of its config, and its errors.
 * @param responses answers that the framework generated; without schemas they are only placeholders, and are left out
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

/** Returns no schema for bytes: https://spec.openapis.org/oas/v3.1.1.html#considerations-for-file-uploads */
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
