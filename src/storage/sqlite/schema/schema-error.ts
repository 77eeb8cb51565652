/**
 * Reports that a database can't be used by this version of the program. The message continues a sentence that
 * begins with the path of the database's file. An error that is sent to another thread loses its class, so
 * the code identifies it.
 */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  /**
   * `ERR_MIGRATION_NEEDED`: the database is of an older version, and the caller did not allow a migration.
   * `ERR_SCHEMA`: no version of the schema that this program knows.
   */
  readonly code: 'ERR_SCHEMA' | 'ERR_MIGRATION_NEEDED';

  constructor(message: string, code: SchemaError['code'] = 'ERR_SCHEMA') {
    super(message);
    this.code = code;
  }
}
