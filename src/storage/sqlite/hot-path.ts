import type { Queue } from '../contracts/queue.ts';
import type { HotPath } from '../kysely/assemble-storage.ts';
import { claimDeliveries, nextDueAt, releaseAllClaims, releaseDeliveries } from './claim-deliveries.ts';
import { ClockRow } from './clock-row.ts';
import { commitEvents } from './commit-events.ts';
import { countDue } from './count-due.ts';
import type { Database } from './database.ts';
import { failingWebhooks } from './failing-webhooks.ts';
import { removeEvents } from './remove-events.ts';
import { settleDeliveries } from './settle-deliveries.ts';

/**
 * Implements the hot path (the code that runs for every delivery) in SQLite. Each method calls one function,
 * in one transaction.
 */
export function sqliteHotPath(db: Database): HotPath {
  const clock = new ClockRow(db);
  return {
    events: {
      commit: (publications, now, steadyNow = now, groups) =>
        db.transaction(() => {
          clock.note(now, steadyNow);
          return commitEvents(db, publications, { now, steadyNow }, groups);
        }),
    },
    queue: {
      claim: (request) => db.transaction(() => claimDeliveries(db, request)),
      settle: (settlements, now, pauseFailingSince, steadyNow = now) =>
        db.transaction(() => {
          clock.note(now, steadyNow);
          return settleDeliveries(db, settlements, { now, steadyNow, pauseFailingSince });
        }),
      release: (seqs) => db.transaction(() => releaseDeliveries(db, seqs)),
      releaseStaleClaims: releaseOnce(db),
      nextDueAt: (after) => nextDueAt(db, after),
      due: (request) => db.read(() => countDue(db, request)),
      failingWebhooks: (after) => db.read(() => failingWebhooks(db, after)),
      savedClock: () => db.read(() => clock.saved()),
      saveClock: (state) => db.transaction(() => clock.save(state)),
    },
    removeEvents: (request) => db.transaction(() => removeEvents(db, request)),
  };
}

/**
 * Implements `Queue.releaseStaleClaims`. Leases are not necessary, because the lock on the data folder
 * ensures that only one process at a time claims deliveries in this database. A row stores that it is
 * claimed, but not by which process.
 * The first call releases all claims, because the processes that made them have ended. Later calls do
 * nothing, because all later claims were made by this process.
 */
function releaseOnce(db: Database): Queue['releaseStaleClaims'] {
  let isOnlyOwner = false;
  return async () => {
    if (isOnlyOwner) return;
    await releaseAllClaims(db);
    isOnlyOwner = true;
  };
}
