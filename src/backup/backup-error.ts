import { DataFileError } from '../data-folder/data-file-error.ts';

/** Says why a backup can't be made, is not whole, or can't be restored. The message is one sentence. */
export class BackupError extends DataFileError {
  override readonly name = 'BackupError';
}

/**
 * Runs `work`. If a system call fails, for example because the disk is full, the error is a `BackupError`.
 * @param task words that say what could not be done
 */
export async function explainingFailures<T>(task: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { errno, message } = cause as NodeJS.ErrnoException;
    if (errno === undefined) throw cause;
    throw new BackupError(`${task}: ${message}`, { cause });
  }
}
