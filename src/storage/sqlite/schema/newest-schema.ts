/**
 * Checksum (`checksumOf`) of the schema that all migrations make. A database with this schema needs no comparison with
 * a database that the migrations have just made, which takes 25 ms of each start. A checksum that is out of date costs
 * that time and nothing else; a test names the new one.
 */
export const NEWEST_SCHEMA = 'f9f3c77504af271eb072bcb76bd2b402040d22bab1fb3c11a4db3cbe65c87dd7';
