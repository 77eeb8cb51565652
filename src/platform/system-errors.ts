/** Error codes of a machine that has too little of something for another file or process. */
const EXHAUSTED = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];
/** Error codes of a disk, or of a network drive, that fails at present. */
const DISK_FAILURES = ['EIO', 'EROFS', 'ESTALE', 'ETIMEDOUT', 'ENXIO', 'ENODEV'];

/**
 * Returns whether `error` says that this process or this machine can't open another file or start another
 * process at present.
 */
export function isExhausted(error: unknown): boolean {
  return hasCode(error, EXHAUSTED);
}

/** Returns whether `error` says that a disk can't be read or written at present, whatever the file. */
export function isDiskFailure(error: unknown): boolean {
  return hasCode(error, DISK_FAILURES);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as NodeJS.ErrnoException;
  return (code !== undefined && codes.includes(code)) || hasCode(cause, codes);
}

/**
 * Returns whether `error` says that a disk or a disk quota is full. The same call can succeed once there is
 * room. `storage_full` is the code of a `ServiceError` with the same meaning.
 */
export function isNoSpace(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'storage_full';
}
