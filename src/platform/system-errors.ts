/**
 * Returns whether `error` says that this process or machine cannot open another file, or start another process, for
 * now.
 */
export function isExhausted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE' || code === 'EAGAIN' || isExhausted(cause);
}

/**
 * Returns whether `error` says that a disk or a quota is full: the same call may succeed once there is room.
 * `storage_full` is the code of a `ServiceError` that already says so.
 */
export function isNoSpace(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'storage_full';
}
