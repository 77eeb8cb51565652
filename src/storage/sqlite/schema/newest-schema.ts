/**
 * Checksum (`checksumOf`) of the schema that all migrations make. A database with this schema needs no comparison with
 * a database that the migrations have just made, which takes 25 ms of each start. A checksum that is out of date costs
 * that time and nothing else; a test names the new one.
 */
export const NEWEST_SCHEMA = 'ea30edd8f3033b3f2b1790c4d3f999c5ae0025877fb864095d14ddf4bab62b1d';
