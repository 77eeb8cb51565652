import multipart, { type Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';

const LIMITS = { files: 1, fields: 20, fieldSize: 64 * 1024, fileSize: Number.POSITIVE_INFINITY };

/** Lets the routes of `app`, and no others, take forms with a file. */
export async function useFileForms(app: App): Promise<void> {
  await app.register(multipart, { limits: LIMITS });
}

/** The parts of a form, as they come. Throws what `formFailure` makes of a form that is none. */
export async function* formParts(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts();
  } catch (error) {
    throw formFailure(error);
  }
}

/** What the caller is told of an error that ended the reading of a form, or of the client who was sending it. */
export function formFailure(error: unknown): unknown {
  const { syscall, statusCode } = error as { syscall?: string; statusCode?: number };
  const isOurs = error instanceof ServiceError || syscall !== undefined || statusCode !== undefined;
  if (isOurs) return error;
  return new ServiceError('invalid_upload', 'the form is malformed, or was cut off; send it again', {
    cause: error,
  });
}
