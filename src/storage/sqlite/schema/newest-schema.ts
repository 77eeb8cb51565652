/**
 * Checksum (`checksumOf`) of the schema that all migrations make. A database with this schema needs no comparison with
 * a database that the migrations have just made, which takes 25 ms of each start. A checksum that is out of date costs
 * that time and nothing else; a test names the new one.
 */
export const NEWEST_SCHEMA = 'f50880d98f44aaad7cde82c1ade6489a16fb22fc5d3e5697c78bfd2053e5dfa6';
