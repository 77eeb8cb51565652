import { ServiceError } from '../../domain/errors.ts';
import { isNoSpace } from '../../platform/system-errors.ts';

/** A part that can't be taken, and which field of its request says why. */
export function invalidPart(field: 'file' | 'hash' | 'Content-Range', message: string): ServiceError {
  return new ServiceError('invalid_upload', `${field}: ${message}`, { details: [{ field, message }] });
}

/** The stream of a part ended before the part did. */
export function cutOff(cause: unknown): ServiceError {
  return new ServiceError(
    'invalid_upload',
    'the upload was cut off before the part was complete; send it again',
    {
      cause,
    },
  );
}

/** There is nothing any more that a part could belong to. */
export function goneMeanwhile(cause?: unknown): ServiceError {
  return new ServiceError('conflict', 'the upload was completed or deleted while this part was on its way', {
    cause,
  });
}

/** What the caller is told of a failed file operation: a full disk by its own code, the rest as it is. */
export function fileFailure(error: unknown): unknown {
  if (error instanceof ServiceError || !isNoSpace(error)) return error;
  return new ServiceError('storage_full', 'the server has no room for this file; try again later', {
    cause: error,
  });
}

export function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}
