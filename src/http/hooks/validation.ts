import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyInstance, FastifySchemaValidationError } from 'fastify';
import { type ErrorDetail, ServiceError } from '../../domain/errors.ts';
import { phraseOf } from '../wire/validation-phrases.ts';

/** Errors of one request that are told; a body of a thousand bad items need not be answered with as many. */
const MAX_DETAILS = 20;

/**
 * JSON bodies are taken as they are: a number is no string. What comes as text by nature (queries, paths)
 * is converted. Unknown fields are let pass, and never used.
 */
export function useValidation(app: FastifyInstance): void {
  const options = { allErrors: true, removeAdditional: false, useDefaults: true, strictTypes: false };
  const factory = AjvCompiler();
  const strict = factory({}, { customOptions: { ...options, coerceTypes: false } });
  // With strict numbers, the text `Infinity` would be converted and then, as no number, be spared the bounds.
  const coercing = factory({}, { customOptions: { ...options, coerceTypes: 'array', strictNumbers: false } });
  app.setValidatorCompiler((route) => (route.httpPart === 'body' ? strict(route) : coercing(route)));
  // A UUID's case means nothing; ours are stored, and name files, in lower case.
  app.addHook('preHandler', ({ params }, _reply, done) => {
    const withId = params as { id?: unknown } | undefined;
    if (typeof withId?.id === 'string') withId.id = withId.id.toLowerCase();
    done();
  });
  app.setSchemaErrorFormatter((errors, part) => {
    const details = telling(errors)
      .slice(0, MAX_DETAILS)
      .map((error) => detailOf(error, part));
    const text = details.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return new ServiceError('invalid_request', text, { details });
  });
}

/**
 * A value that fits none of several schemas gets the errors of all of them. Those of the schemas that are for
 * another type of value tell nothing, unless all are.
 */
function telling(errors: FastifySchemaValidationError[]): FastifySchemaValidationError[] {
  const choices = new Set(errors.filter(({ keyword }) => keyword === 'anyOf').map((e) => e.instancePath));
  if (choices.size === 0) return errors;
  const inChoices = errors.filter(({ keyword }) => keyword !== 'anyOf');
  const rest = inChoices.filter((e) => !(e.keyword === 'type' && choices.has(e.instancePath)));
  return rest.length > 0 ? rest : inChoices;
}

function detailOf(error: FastifySchemaValidationError, part: string): ErrorDetail {
  const path = fieldPath(error.instancePath);
  const message = phraseOf(error);
  if (error.keyword !== 'required') return { field: path || part, message };
  const missing = String(error.params.missingProperty);
  return { field: path === '' ? missing : `${path}.${missing}`, message };
}

/** `/qualities/0/resolution` as people write it: `qualities[0].resolution`. */
function fieldPath(instancePath: string): string {
  return instancePath
    .split('/')
    .slice(1)
    .reduce(
      (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
      '',
    );
}
