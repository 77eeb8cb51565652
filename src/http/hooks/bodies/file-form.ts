import multipart, { type Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';

/** Maximum number of fields of a form, besides its file. The API defines two. */
const MAX_FIELDS = 20;
/** Maximum bytes of a field. The longest field that the API defines is an MD5 hash. */
const MAX_FIELD_BYTES = 1_024;
/** Maximum bytes of the name of a field. */
const MAX_NAME_BYTES = 100;
const LIMITS = {
  files: 1,
  fields: MAX_FIELDS,
  // More than the fields and the file, so that the limit of fields is the one that is reached.
  parts: MAX_FIELDS + 10,
  fieldSize: MAX_FIELD_BYTES,
  fieldNameSize: MAX_NAME_BYTES,
  fileSize: Number.POSITIVE_INFINITY,
};

/** Maximum bytes of memory that the fields of one form take. */
export const FORM_BYTES = MAX_FIELDS * (MAX_FIELD_BYTES + MAX_NAME_BYTES);

/** Lets the routes of `app` accept multipart forms with a file. All other routes refuse these forms. */
export async function useFileForms(app: App): Promise<void> {
  await app.register(multipart, { limits: LIMITS });
}

/** Yields the parts of a form as they arrive. @throws ServiceError `invalid_upload` for a malformed form */
export async function* formParts(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field' && part.valueTruncated) throw tooLongField(part.fieldname);
      yield part;
    }
  } catch (error) {
    throw formFailure(error);
  }
}

function tooLongField(name: string): ServiceError {
  const message = `expected at most ${MAX_FIELD_BYTES} bytes`;
  return new ServiceError('invalid_upload', `${name}: ${message}`, { details: [{ field: name, message }] });
}

/**
 * Returns the error to answer after a form could not be read. Errors of the service, of the system and of
 * Fastify are returned unchanged. Any other error comes from the parser: the form is malformed or incomplete.
 */
export function formFailure(error: unknown): unknown {
  const { syscall, statusCode } = error as { syscall?: string; statusCode?: number };
  const isOurs = error instanceof ServiceError || syscall !== undefined || statusCode !== undefined;
  if (isOurs) return error;
  return new ServiceError('invalid_upload', 'the form is malformed or incomplete; send it again', {
    cause: error,
  });
}
