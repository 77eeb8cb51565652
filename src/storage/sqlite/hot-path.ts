import type { Queue } from '../contracts/queue.ts';
import type { HotPath } from '../kysely/assemble-storage.ts';
import {
  claimDeliveries,
  countDue,
  nextDueAt,
  releaseAllClaims,
  releaseDeliveries,
} from './claim-deliveries.ts';
import { commitEvents } from './commit-events.ts';
import type { Database } from './database.ts';
import { removeEvents } from './remove-events.ts';
import { settleDeliveries } from './settle-deliveries.ts';

/** SQLite's hot path. Each method is one call of the operation that its name says, in one transaction. */
export function sqliteHotPath(db: Database): HotPath {
  return {
    events: { commit: (publications, now) => db.transaction(() => commitEvents(db, publications, now)) },
    queue: {
      claim: (request) => db.transaction(() => claimDeliveries(db, request)),
      settle: (settlements, now, pauseFailingSince) =>
        db.transaction(() => settleDeliveries(db, settlements, now, pauseFailingSince)),
      release: (seqs) => db.transaction(() => releaseDeliveries(db, seqs)),
      releaseStaleClaims: releaseOnce(db),
      nextDueAt: (after) => db.read(() => nextDueAt(db, after)),
      due: (now, limit) => db.read(() => countDue(db, now, limit)),
    },
    removeEvents: (request) => db.transaction(() => removeEvents(db, request)),
  };
}

/**
 * Simplifies the leases of `Queue`, because only one process at a time claims in this database: the lock on the
 * data folder ensures that. A row tells that it is claimed, but not by whom. All claims from before the first call
 * are stale, because the processes that made them have ended; all later claims are this process's own, and stay.
 */
function releaseOnce(db: Database): Queue['releaseStaleClaims'] {
  let isOnlyOwner = false;
  return async () => {
    if (isOnlyOwner) return;
    await db.transaction(() => releaseAllClaims(db));
    isOnlyOwner = true;
  };
}
