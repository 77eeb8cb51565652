import type { AccountStore } from './accounts.ts';
import type { ApiKeyStore } from './api-keys.ts';
import type { AuditStore } from './audit.ts';
import type { BulkResendStore } from './bulk-resends.ts';
import type { DeliveryStore } from './deliveries.ts';
import type { EncryptionStore } from './encryption.ts';
import type { EventStore } from './events.ts';
import type { MediaStore } from './media.ts';
import type { Queue } from './queue.ts';
import type { RetentionStore } from './retention.ts';
import type { WebhookStore } from './webhooks.ts';

/**
 * The storage contracts. A backend implements all of them, and passes test/conformance.
 *
 * Obligations of every method:
 * - it is one transaction: all of it is durable (an fsynced commit) when its promise fulfils, none when it rejects;
 * - it rejects with `ApiError('storage_full')` when the disk is full, and the same call may be made again;
 * - methods on the hot path (`events.commit`, all of `Queue`) take arrays and cost one transaction a call;
 * - a method given a `userId` sees that account's rows only;
 * - a method whose last argument is a `Change` records what it changes in the same transaction (see `AuditStore`); a
 *   method that creates something takes only the `Actor`, because the new thing's `createdAt` is the record's time.
 * Times are milliseconds since the epoch and are always arguments: a backend never reads the clock.
 */
export interface Storage {
  readonly accounts: AccountStore;
  readonly apiKeys: ApiKeyStore;
  readonly webhooks: WebhookStore;
  readonly media: MediaStore;
  readonly events: EventStore;
  readonly deliveries: DeliveryStore;
  readonly bulkResends: BulkResendStore;
  readonly queue: Queue;
  readonly retention: RetentionStore;
  readonly encryption: EncryptionStore;
  readonly audit: AuditStore;
  close(): Promise<void>;
}
