/**
 * Returns whether `error` says that this process or this machine can't open another file or start another
 * process at present.
 */
export function isExhausted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE' || code === 'EAGAIN' || isExhausted(cause);
}

/**
 * Returns whether `error` says that a disk or a disk quota is full. The same call can succeed once there is
 * room. `storage_full` is the code of a `ServiceError` with the same meaning.
 */
export function isNoSpace(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'storage_full';
}
