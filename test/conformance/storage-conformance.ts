import { describe } from 'node:test';
import { testAccounts } from './accounts.ts';
import { testAccountLimits } from './all-stores/account-limits.ts';
import { testAccountUsage } from './all-stores/account-usage.ts';
import { testConcurrency } from './all-stores/concurrency.ts';
import { testDurability } from './all-stores/durability.ts';
import { testApiKeys } from './api-keys.ts';
import { testAudit } from './audit/audit.ts';
import { testBulkResends } from './bulk-resends.ts';
import { testConsoleSessions } from './console-sessions.ts';
import { testDeliveries } from './deliveries/deliveries.ts';
import { testResend } from './deliveries/resend.ts';
import { testRevisions } from './deliveries/revisions.ts';
import { testDeliverySearch } from './deliveries/search.ts';
import { testDeliveryHours } from './delivery-hours.ts';
import { testEncryption } from './encryption.ts';
import { testCommit } from './events.ts';
import { testMediaLists } from './media/lists.ts';
import { testMedia } from './media/media.ts';
import { testMediaSteps } from './media/steps.ts';
import { testQueue } from './queue/queue.ts';
import { testRetention } from './retention.ts';
import type { StorageHarness } from './support/harness.ts';
import { testUsage } from './usage.ts';
import { testWebhooks } from './webhooks.ts';

/** Tests every obligation of the storage contracts in src/storage/contracts, for any backend. */
export function testStorage(harness: StorageHarness): void {
  describe(`${harness.name}:`, () => {
    testAccounts(harness);
    testApiKeys(harness);
    testConsoleSessions(harness);
    testWebhooks(harness);
    testMedia(harness);
    testMediaLists(harness);
    testMediaSteps(harness);
    testCommit(harness);
    testQueue(harness);
    testDeliveries(harness);
    testDeliverySearch(harness);
    testResend(harness);
    testRevisions(harness);
    testBulkResends(harness);
    testDeliveryHours(harness);
    testRetention(harness);
    testAudit(harness);
    testUsage(harness);
  });
  testAcrossStores(harness);
}

/** Tests the obligations that concern several stores, or the database as a whole. */
export function testAcrossStores(harness: StorageHarness): void {
  describe(`${harness.name}, across stores:`, () => {
    testAccountLimits(harness);
    testAccountUsage(harness);
    testConcurrency(harness);
    testDurability(harness);
    testEncryption(harness);
  });
}
