import type { Settlement } from '../../domain/delivery.ts';
import type { Committed, Publication } from '../contracts/events.ts';
import type { Settled } from '../contracts/queue.ts';
import type { ClockRow } from './clock-row.ts';
import { type CommitTime, commitEvents } from './commit-events.ts';
import type { Database } from './database.ts';
import { settleDeliveries } from './settle-deliveries.ts';
import type { HealthTimes } from './update-webhook-health.ts';

/** A commit of events in the journal. */
interface CommitEntry {
  readonly commit: readonly Publication[];
  readonly at: CommitTime;
  /** Number of the first delivery that the commit made. */
  readonly nextSeq: number;
}

/** A call of `Queue.settle` in the journal. */
interface SettleEntry {
  readonly settle: readonly Settlement[];
  readonly at: HealthTimes;
}

type Entry = CommitEntry | SettleEntry;

/**
 * The changes that the journal makes durable. A change is repeated from its entry after a kill. It then does the same
 * as before, because it begins with the same state of the database, and its entry has all times and numbers.
 */
export class LoggedChanges {
  readonly #db: Database;
  readonly #clock: ClockRow;

  constructor(db: Database, clock: ClockRow) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Implements `EventStore.commit`. */
  commit(
    publications: readonly Publication[],
    at: CommitTime,
    groups?: readonly number[],
  ): Promise<Committed> {
    const db = this.#db;
    // The steps of media change tables that are read without a flush. They are rare.
    if (publications.some(({ step }) => step)) {
      return db.transaction(() => {
        this.#note(at);
        return commitEvents(db, publications, at, groups);
      });
    }
    let nextSeq = 0;
    let covered = 0;
    const work = () => {
      nextSeq = db.nextDeliverySeq;
      const committed = this.#commit({ commit: publications, at, nextSeq }, groups);
      covered = committed.outcomes.length;
      return committed;
    };
    const entry = () =>
      JSON.stringify({
        commit: publications.slice(0, covered),
        at,
        nextSeq,
      } satisfies CommitEntry);
    return db.logged({ work, entry, repeat: this.#repeatText });
  }

  /** Implements `Queue.settle`. */
  settle(settlements: readonly Settlement[], at: HealthTimes): Promise<Settled> {
    const entry: SettleEntry = { settle: settlements, at };
    return this.#db.logged({
      work: () => this.#settle(entry),
      entry: () => JSON.stringify(entry),
      repeat: this.#repeatText,
    });
  }

  /** Repeats a change, of which `entry` was in the journal. Must be called within a transaction. */
  repeat(entry: unknown): void {
    const change = entry as Entry;
    if ('commit' in change) this.#commit(change);
    else this.#settle(change);
  }

  readonly #repeatText = (entry: string) => this.repeat(JSON.parse(entry));

  #commit({ commit, at, nextSeq }: CommitEntry, groups?: readonly number[]): Committed {
    const db = this.#db;
    this.#note(at);
    const next = db.nextDeliverySeq;
    db.nextDeliverySeq = nextSeq;
    const committed = commitEvents(db, commit, at, groups);
    db.nextDeliverySeq = Math.max(db.nextDeliverySeq, next);
    return committed;
  }

  #settle({ settle, at }: SettleEntry): Settled {
    this.#note(at);
    return settleDeliveries(this.#db, settle, at);
  }

  #note({ now, steadyNow }: CommitTime): void {
    this.#clock.note(now, steadyNow);
    this.#db.written.note(steadyNow);
  }
}
