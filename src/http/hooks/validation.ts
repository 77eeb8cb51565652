import type AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyInstance, FastifySchemaValidationError } from 'fastify';
import { type ErrorDetail, ServiceError } from '../../domain/errors.ts';
import { phraseOf } from '../wire/validation-phrases.ts';
import { lazyValidator, requireCompiler } from './lazy-schemas.ts';

/** Maximum number of errors in one answer, because a body can have thousands of invalid items. */
const MAX_DETAILS = 20;

/**
 * Validates requests. Values in JSON bodies are not converted: a number is refused where a string is
 * expected. Values in queries and paths are texts, which are converted to the expected type. Unknown fields
 * are ignored.
 */
export function useValidation(app: FastifyInstance): void {
  let compilers: Compilers | undefined;
  app.setValidatorCompiler((route) =>
    lazyValidator(() => {
      compilers ??= createCompilers();
      return (route.httpPart === 'body' ? compilers.strict : compilers.coercing)(route);
    }),
  );
  // Converts the id in a path to lower case: the case of a UUID has no meaning, and the service creates its
  // ids in lower case and names files by them.
  app.addHook('preHandler', ({ params }, _reply, done) => {
    const withId = params as { id?: unknown } | undefined;
    if (typeof withId?.id === 'string') withId.id = withId.id.toLowerCase();
    done();
  });
  app.setSchemaErrorFormatter((errors, part) => {
    const details = relevant(errors)
      .slice(0, MAX_DETAILS)
      .map((error) => detailOf(error, part));
    const text = details.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return new ServiceError('invalid_request', text, { details });
  });
}

type Compilers = ReturnType<typeof createCompilers>;

function createCompilers() {
  const options = { allErrors: true, removeAdditional: false, useDefaults: true, strictTypes: false };
  const factory = (requireCompiler('@fastify/ajv-compiler') as typeof AjvCompiler)();
  return {
    strict: factory({}, { customOptions: { ...options, coerceTypes: false } }),
    // Turns off ajv's option `strictNumbers`, with which ajv would convert the text `Infinity` to a number, but
    // not check the number against the minimum and maximum.
    coercing: factory({}, { customOptions: { ...options, coerceTypes: 'array', strictNumbers: false } }),
  };
}

/**
 * Returns the errors to show to the caller. If a value matches none of several alternative schemas, ajv
 * reports the errors of all alternatives. Errors of alternatives for another type of value are left out,
 * unless no other errors remain.
 */
function relevant(errors: FastifySchemaValidationError[]): FastifySchemaValidationError[] {
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

/** Converts a path such as `/qualities/0/resolution` to the form `qualities[0].resolution`. */
function fieldPath(instancePath: string): string {
  return instancePath
    .split('/')
    .slice(1)
    .reduce(
      (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
      '',
    );
}
