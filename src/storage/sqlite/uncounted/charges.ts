import type { StatementSync } from 'node:sqlite';

/** Prepares statements of the database. Each text is prepared only once. */
export interface Statements {
  readonly prepare: (sql: string) => StatementSync;
}

/** Step of one kind of rows: counts up to `limit` rows after `place`, and returns where the next step continues. */
export type CountStep = (db: Statements, range: UncountedRange, charges: Charges) => string | null;

export interface UncountedRange {
  /** Returned by the previous step. `null`: this is the first step. */
  readonly place: string | null;
  /** Key of the last row to be counted. */
  readonly until: string;
  readonly limit: number;
}

/** Bytes to add to the usage of accounts. */
export type Charges = Map<string, number>;

/** Adds bytes to the charges of an account. */
export function addCharge(charges: Charges, userId: string, bytes: number): void {
  charges.set(userId, (charges.get(userId) ?? 0) + bytes);
}
