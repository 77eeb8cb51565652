/**
 * Checksum (`checksumOf`) of the schema that all migrations make. A database with this schema needs no comparison with
 * a database that the migrations have just made, which takes 25 ms of each start. A checksum that is out of date costs
 * that time and nothing else; a test names the new one.
 */
export const NEWEST_SCHEMA = '13a61e5165443755297cdc3dd1051a6e2dd193a04c1f9514e33ff6fb857b306f';
