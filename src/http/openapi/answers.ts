import type { RouteOptions } from 'fastify';
import type { ErrorCode } from '../../domain/errors.ts';
import { ERROR_STATUS } from '../error-status.ts';
import { ErrorBody } from '../wire/envelope.ts';
import type { Answer, Content, Operation } from './description.ts';
import { errorsOf } from './errors.ts';
import { answerHeaders, HEADER_COMPONENTS } from './headers.ts';

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
    /** Answers that are no errors and have no schema. */
    answers?: Readonly<Record<number, DescribedAnswer>>;
  }
}

/** What the answers of all operations refer to. */
export const ANSWER_COMPONENTS = { schemas: { Error: ErrorBody }, headers: HEADER_COMPONENTS };

/**
 * All that an operation answers: what its schemas say, what its config adds, and what follows from what it is when it
 * does not do what was asked.
 * @param responses those that the framework made of the schemas, and of none where there are none
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

/** Bytes have no schema: https://spec.openapis.org/oas/v3.1.1.html#considerations-for-file-uploads */
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
