import type { DeliveryRows } from './delivery-rows.ts';
import { writeOldest } from './write-deliveries.ts';

const SAVE = `update recovery_state set written_up_to = ?`;
const SAVED = `select written_up_to as upTo from recovery_state`;
const LAST_EVENT = `select seq from sqlite_sequence where name = 'events'`;

/**
 * Minimum milliseconds between two numbers that `note` saves. A delivery that is unwritten for longer, because its
 * receiver is slow, gets its row then, so that a start after a kill has few events to read.
 */
const SAVE_EVERY_MS = 5_000;
/** Maximum number of rows that `note` writes, which takes about 10 ms. */
const WRITTEN_AT_ONCE = 1_000;

/** The value that says up to which event all deliveries have rows. After a kill, the events after it are read. */
export class WrittenEvents {
  readonly #db: DeliveryRows;
  #savedAt = Number.NEGATIVE_INFINITY;
  /** The last event when `note` saved a number. */
  #lastEventThen = 0;
  /** Number of the last event. `null`: it is to be read. */
  #lastEvent: number | null = null;

  constructor(db: DeliveryRows) {
    this.#db = db;
  }

  /** Returns the number that was saved last. */
  saved(): number {
    return Number(this.#db.prepare(SAVED).get()?.upTo ?? 0);
  }

  /** Must be called within a transaction that has committed an event. */
  noteEvent(seq: number): void {
    this.#lastEvent = seq;
  }

  /** Must be called when changes were undone, because the last event may have been among them. */
  noteUndone(): void {
    this.#lastEvent = null;
    this.#savedAt = Number.NEGATIVE_INFINITY;
  }

  /** Saves the number, if the one that was saved last is old. Must be called within a transaction. */
  note(steadyNow: number): void {
    if (Math.abs(steadyNow - this.#savedAt) < SAVE_EVERY_MS) return;
    const old = this.#lastEventThen;
    writeOldest(this.#db, WRITTEN_AT_ONCE, ({ event }) => event.seq <= old);
    this.save();
    this.#savedAt = steadyNow;
    this.#lastEventThen = this.lastEvent;
  }

  /** Saves the number. Must be called within a transaction. */
  save(): void {
    let upTo = this.lastEvent;
    for (const { event } of this.#db.unwritten.all()) upTo = Math.min(upTo, event.seq - 1);
    this.saveAs(upTo);
  }

  /** Saves that all deliveries of the events up to `upTo` have rows. Must be called within a transaction. */
  saveAs(upTo: number): void {
    this.#db.prepare(SAVE).run(upTo);
  }

  /** Number of the last event. */
  get lastEvent(): number {
    this.#lastEvent ??= Number(this.#db.prepare(LAST_EVENT).get()?.seq ?? 0);
    return this.#lastEvent;
  }
}
