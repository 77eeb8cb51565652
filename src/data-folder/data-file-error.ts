/**
 * Says that a file of the data folder can't be used, and what the operator should do. The message is one
 * sentence that names the file.
 */
export class DataFileError extends Error {
  override readonly name: string = 'DataFileError';
}
