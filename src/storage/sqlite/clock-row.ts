import { MIN_CLOCK_JUMP_MS } from '../../platform/steady-time.ts';
import type { SavedClock } from '../contracts/queue.ts';
import type { Database } from './database.ts';

/**
 * Minimum milliseconds between two states that `note` saves. If the process is killed, the next process
 * continues the clock at most this long, and the quarter of a second of an open transaction, before the latest change.
 */
const SAVE_EVERY_MS = 1_000;

const SAVE = `
  insert into steady_clock (id, at, ahead_ms) values (1, ?, ?)
  on conflict (id) do update set at = excluded.at, ahead_ms = excluded.ahead_ms`;

const SAVED = `select at, ahead_ms as aheadMs from steady_clock`;

/** The row that holds the state of the steady clock: see `SavedClock`. */
export class ClockRow {
  readonly #db: Database;
  #at = Number.NEGATIVE_INFINITY;
  #aheadMs = 0;

  constructor(db: Database) {
    this.#db = db;
    // The state that was saved last may have been undone.
    db.onUndone(() => {
      this.#at = Number.NEGATIVE_INFINITY;
    });
  }

  saved(): SavedClock | null {
    const row = this.#db.prepare(SAVED).get();
    return row ? { at: Number(row.at), aheadMs: Number(row.aheadMs) } : null;
  }

  /** Must be called within a transaction. */
  save({ at, aheadMs }: SavedClock): void {
    this.#db.prepare(SAVE).run(at, aheadMs);
    this.#at = at;
    this.#aheadMs = aheadMs;
  }

  /** Saves the state of the clock, if the state that was saved last is old. Must be called within a transaction. */
  note(now: number, steadyNow: number): void {
    const aheadMs = steadyNow - now;
    const isRecent = Math.abs(steadyNow - this.#at) < SAVE_EVERY_MS;
    if (!isRecent || Math.abs(aheadMs - this.#aheadMs) >= MIN_CLOCK_JUMP_MS)
      this.save({ at: steadyNow, aheadMs });
  }
}
