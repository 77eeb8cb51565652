import { ServiceError } from '../../domain/errors.ts';
import { isNoSpace } from '../../platform/system-errors.ts';

/**
 * Returns the error for a part that is refused. `field` is the field or header of the request that is wrong.
 */
export function invalidPart(
  field: 'file' | 'hash' | 'index' | 'Content-Range',
  message: string,
): ServiceError {
  return new ServiceError('invalid_upload', `${field}: ${message}`, { details: [{ field, message }] });
}

/** Returns the error for a part whose stream ended too early. */
export function cutOff(cause: unknown): ServiceError {
  return new ServiceError(
    'invalid_upload',
    'the upload was cut off before the part was complete; send the part again',
    { cause },
  );
}

/** Returns the error for a part whose upload was completed or deleted while the part was being received. */
export function goneMeanwhile(cause?: unknown): ServiceError {
  return new ServiceError(
    'conflict',
    'the upload was completed or deleted while this part was being received',
    {
      cause,
    },
  );
}

/**
 * Returns the error to throw for a failed file operation: the ServiceError `storage_full` if the disk is
 * full, otherwise `error` itself.
 */
export function fileFailure(error: unknown): unknown {
  if (error instanceof ServiceError || !isNoSpace(error)) return error;
  return new ServiceError('storage_full', 'the server has no room for this file; retry later', {
    cause: error,
  });
}

/** Returns whether `error` says that a file or directory does not exist. */
export function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}
