import { DataFileError } from '../data-folder/data-file-error.ts';

/** Says why a backup can't be made, is not whole, or can't be restored. The message is one sentence. */
export class BackupError extends DataFileError {
  override readonly name = 'BackupError';
}
