import type { StatementSync } from 'node:sqlite';
import type { Backlogs } from './backlogs.ts';
import type { UnwrittenDeliveries } from './unwritten-deliveries.ts';

/** The part of a connection that the functions of this folder need. `Database` has all of it. */
export interface DeliveryRows {
  /** Deliveries without rows. */
  readonly unwritten: UnwrittenDeliveries;
  readonly backlogs: Backlogs;
  readonly prepare: (sql: string) => StatementSync;
}
