import type { Database } from '../database.ts';

/** Step of one kind of rows: counts up to `limit` rows after `place`, and returns where the next step continues. */
export type CountStep = (db: Database, range: UncountedRange, charges: Charges) => string | null;

export interface UncountedRange {
  /** What the previous step returned. `null`: this is the first step. */
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
