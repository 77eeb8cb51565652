import { ServiceError } from '../../domain/errors.ts';
import type { Queue } from '../contracts/queue.ts';
import type { HotPath } from '../kysely/assemble-storage.ts';
import { claimDeliveries, nextDueAt, releaseAllClaims, releaseDeliveries } from './claim-deliveries.ts';
import { ClockRow } from './clock-row.ts';
import { countDue } from './count-due.ts';
import type { Database } from './database.ts';
import { failingWebhooks } from './failing-webhooks.ts';
import { JournalError } from './journal/journal.ts';
import { LoggedChanges } from './logged-changes.ts';
import { removeEvents } from './remove-events.ts';
import { countOldRows } from './uncounted/count-old-rows.ts';
import { lastDeliverySeq } from './unwritten/last-delivery.ts';
import { recoverDeliveries } from './unwritten/recover-deliveries.ts';
import { writeOldest } from './unwritten/write-deliveries.ts';

/** Implements the hot path (the code that runs for every delivery) in SQLite. */
export function sqliteHotPath(db: Database): HotPath {
  const clock = new ClockRow(db);
  const changes = new LoggedChanges(db, clock);
  const recovered = recoverOnce(db, changes);
  return {
    events: {
      commit: async (publications, now, steadyNow = now, groups) => {
        await recovered();
        return changes.commit(publications, { now, steadyNow }, groups);
      },
    },
    queue: {
      claim: async (request) => {
        await writeDue(db);
        // A claim ends with its process, so that it need not be durable.
        return db.volatile(() => claimDeliveries(db, request));
      },
      settle: (settlements, now, pauseFailingSince, steadyNow = now) =>
        changes.settle(settlements, { now, steadyNow, pauseFailingSince }),
      release: (seqs) => db.volatile(() => releaseDeliveries(db, seqs)),
      releaseStaleClaims: releaseOnce(db, recovered),
      nextDueAt: async (after) => {
        await writeDue(db);
        return nextDueAt(db, after);
      },
      due: async (request) => {
        await db.flush();
        return db.read(() => countDue(db, request));
      },
      failingWebhooks: (after) => db.read(() => failingWebhooks(db, after)),
      savedClock: async () => {
        // The journal may contain a newer state. A clock that continued from an older one would be wrong by as much as the
        // wall clock was set meanwhile.
        await recovered();
        return db.read(() => clock.saved());
      },
      saveClock: (state) => db.transaction(() => clock.save(state)),
    },
    removeEvents: async (request) => {
      await recovered();
      await db.flush();
      return db.transaction(() => removeEvents(db, request));
    },
    countOldRows: async (limit) => {
      // Deliveries that an earlier process left without rows would otherwise be missed.
      await recovered();
      return db.transaction(() => countOldRows(db, limit));
    },
  };
}

/** Number of deliveries whose rows one transaction writes before deliveries are claimed. */
const DUE_AT_ONCE = 2_500;

/**
 * Writes the rows of ready deliveries that nobody has claimed, because claims find only rows. A commit of many
 * deliveries makes more of them ready than its caller gets.
 */
async function writeDue(db: Database): Promise<void> {
  if (db.hasUndone) await db.commit();
  for (let left = db.unwritten.dueCount; left > 0; left -= DUE_AT_ONCE)
    await db.volatile(() => writeOldest(db, DUE_AT_ONCE, ({ state }) => state === 'due'));
}

/** Returns a function that recovers the deliveries of earlier processes, and does nothing once it has succeeded. */
function recoverOnce(db: Database, changes: LoggedChanges): () => Promise<void> {
  let recovering: Promise<void> | null = null;
  const recover = async () => {
    try {
      await recoverDeliveries(db);
      db.nextDeliverySeq = lastDeliverySeq(db) + 1;
      await db.useJournal((entry) => changes.repeat(entry));
    } catch (error) {
      recovering = null;
      if (error instanceof JournalError)
        throw new ServiceError('unavailable', error.message, { cause: error });
      throw error;
    }
  };
  return () => {
    recovering ??= recover();
    return recovering;
  };
}

/**
 * Implements `Queue.releaseStaleClaims`. Leases are not necessary, because the lock on the data folder
 * ensures that only one process at a time claims deliveries in this database. A row stores that it is
 * claimed, but not by which process.
 * The first call releases all claims, because the processes that made them have ended. Later calls do
 * nothing, because all later claims were made by this process.
 */
function releaseOnce(db: Database, recovered: () => Promise<void>): Queue['releaseStaleClaims'] {
  let isOnlyOwner = false;
  return async () => {
    if (isOnlyOwner) return;
    await recovered();
    await releaseAllClaims(db);
    isOnlyOwner = true;
  };
}
