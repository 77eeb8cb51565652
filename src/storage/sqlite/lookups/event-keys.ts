import { hash } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';

const SAME_HASH = `select event_seq as eventSeq from event_keys where hash = ?`;
const HAS_KEY = `select 1 from events where seq = ? and user_id = ? and unique_key = ?`;
const ADD = `insert into event_keys (hash, event_seq) values (?, ?)`;
const REMOVE = `delete from event_keys where hash = ? and event_seq = ?`;

/** Versions before the migration 0013 stored the key in a column with an index of its own. */
const OF_OLD_VERSION = `select 1 from events where user_id = ? and idempotency_key = ? limit 1`;
const HAS_OLD = `select 1 from events where idempotency_key is not null limit 1`;

/** Number of bytes of a hash. SQLite stores an integer of six bytes in six bytes. */
const HASH_BYTES = 6;

/**
 * The idempotency keys of events. Keys are random. So each new one changes another page of an index, and the cost of a
 * commit grows with the size of the index. An index of hashes has a fifth of the size of an index of accounts and keys.
 */
export class EventKeys {
  readonly #prepare: (sql: string) => StatementSync;
  /** Whether an older version has committed events with keys. `null`: it is to be asked. */
  #hasOld: boolean | null = null;

  constructor(prepare: (sql: string) => StatementSync) {
    this.#prepare = prepare;
  }

  /**
   * Returns the hash of a key that the account has not used yet. `null`: the account has an event with this key.
   */
  findFree(userId: string, key: string): number | null {
    const hash = hashOf(userId, key);
    for (const row of this.#prepare(SAME_HASH).all(hash))
      if (this.#prepare(HAS_KEY).get(row.eventSeq as number, userId, key)) return null;
    this.#hasOld ??= this.#prepare(HAS_OLD).get() !== undefined;
    if (this.#hasOld && this.#prepare(OF_OLD_VERSION).get(userId, key)) return null;
    return hash;
  }

  /** Adds a key, of which `findFree` has returned the hash. Must be called within the transaction that commits the event. */
  add(hash: number, eventSeq: number): void {
    this.#prepare(ADD).run(hash, eventSeq);
  }

  /** Must be called within the transaction that removes the event. */
  remove(userId: string, key: string, eventSeq: number): void {
    this.#prepare(REMOVE).run(hashOf(userId, key), eventSeq);
  }
}

function hashOf(userId: string, key: string): number {
  return hash('sha1', `${userId}\n${key}`, 'buffer').readUIntBE(0, HASH_BYTES);
}
