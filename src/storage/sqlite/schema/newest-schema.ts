/**
 * Checksum (`checksumOf`) of the schema that all migrations make. A database with this schema needs no comparison with
 * a database that the migrations have just made, which takes 25 ms of each start. A checksum that is out of date costs
 * that time and nothing else; a test names the new one.
 */
export const NEWEST_SCHEMA = 'a2e6948b026f44ac0de3a51fa3059fdb5b934ca0d2f682801b50443bc019fcfc';
