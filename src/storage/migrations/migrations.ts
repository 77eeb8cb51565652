import type { Migration, MigrationProvider } from 'kysely/migration';
import { initial } from './0001-to-0010/0001-initial.ts';
import { listIndexes } from './0001-to-0010/0002-list-indexes.ts';
import { steadyClock } from './0001-to-0010/0003-steady-clock.ts';
import { removalsInSteps } from './0001-to-0010/0004-removals-in-steps.ts';
import { deliveryLists } from './0001-to-0010/0005-delivery-lists.ts';
import { defaultQualities } from './0001-to-0010/0006-default-qualities.ts';
import { accountUsage } from './0001-to-0010/0007-account-usage.ts';
import { unfinishedOfAccount } from './0001-to-0010/0008-unfinished-of-account.ts';
import { recordUsage } from './0001-to-0010/0009-record-usage.ts';
import { webhookRevisions } from './0001-to-0010/0010-webhook-revisions.ts';
import { mediaNotes } from './0011-media-notes.ts';
import { revisionUsage } from './0012-revision-usage.ts';
import { owedDeliveries } from './0013-owed-deliveries.ts';
import { consoleSessions } from './0014-console-sessions.ts';
import { encodedUsage } from './0015-encoded-usage.ts';
import { deliveryHours } from './0016-delivery-hours.ts';

/**
 * All migrations by name. The database stores the names of the migrations that have run. Migrations run in
 * the alphabetical order of their names.
 */
const byName: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-list-indexes': listIndexes,
  '0003-steady-clock': steadyClock,
  '0004-removals-in-steps': removalsInSteps,
  '0005-delivery-lists': deliveryLists,
  '0006-default-qualities': defaultQualities,
  '0007-account-usage': accountUsage,
  '0008-unfinished-of-account': unfinishedOfAccount,
  '0009-record-usage': recordUsage,
  '0010-webhook-revisions': webhookRevisions,
  '0011-media-notes': mediaNotes,
  '0012-revision-usage': revisionUsage,
  '0013-owed-deliveries': owedDeliveries,
  '0014-console-sessions': consoleSessions,
  '0015-encoded-usage': encodedUsage,
  '0016-delivery-hours': deliveryHours,
};

export const migrations: MigrationProvider = { getMigrations: async () => byName };
