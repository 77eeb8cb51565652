import type { StatementSync } from 'node:sqlite';

const LANE_IS_BUSY = `
  select 1 from deliveries where webhook_seq = ? and lane = ? and state = 'pending' limit 1`;

const HAS_BACKLOG = `select 1 from deliveries where webhook_seq = ? and state = 'pending' limit 1`;

/** Number of lanes that must be found free before a webhook's backlog is looked for again. */
const LOOK_AFTER = 64;
/** Maximum number of webhooks of which something is known. */
const MAX_KNOWN = 100_000;

/**
 * Knows which webhooks have no pending delivery in the table of deliveries. Usually none has, and then a commit needs
 * no query for the lanes of its deliveries. What is not known is asked.
 */
export class Backlogs {
  readonly #prepare: (sql: string) => StatementSync;
  /**
   * For each webhook that was asked about: 0 if it has no backlog, otherwise the number of lanes to be found free until
   * its backlog is looked for again.
   */
  readonly #known = new Map<number, number>();

  constructor(prepare: (sql: string) => StatementSync) {
    this.#prepare = prepare;
  }

  /** Returns whether a pending delivery of the lane has a row. Must be called within a transaction. */
  isBusy(webhookSeq: number, lane: number): boolean {
    const known = this.#known.get(webhookSeq) ?? this.#look(webhookSeq);
    if (known === 0) return false;
    const isBusy = this.#prepare(LANE_IS_BUSY).get(webhookSeq, lane) !== undefined;
    if (!isBusy) {
      if (known === 1) this.#known.delete(webhookSeq);
      else this.#known.set(webhookSeq, known - 1);
    }
    return isBusy;
  }

  /** Must be called when a row of a pending delivery was written. */
  noteRows(webhookSeq: number): void {
    if (this.#known.get(webhookSeq) === 0) this.#known.delete(webhookSeq);
  }

  /** Must be called when rows may have become pending, or when changes were undone. */
  clear(): void {
    this.#known.clear();
  }

  #look(webhookSeq: number): number {
    const known = this.#prepare(HAS_BACKLOG).get(webhookSeq) === undefined ? 0 : LOOK_AFTER;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(webhookSeq, known);
    return known;
  }
}
