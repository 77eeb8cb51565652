import multipart, { type Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';

const LIMITS = { files: 1, fields: 20, fieldSize: 64 * 1024, fileSize: Number.POSITIVE_INFINITY };

/** Lets the routes of `app` accept multipart forms with a file. All other routes refuse these forms. */
export async function useFileForms(app: App): Promise<void> {
  await app.register(multipart, { limits: LIMITS });
}

/** Yields the parts of a form as they arrive. @throws ServiceError `invalid_upload` for a malformed form */
export async function* formParts(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts();
  } catch (error) {
    throw formFailure(error);
  }
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
