import type { AccountStore } from './accounts.ts';
import type { ApiKeyStore } from './api-keys.ts';
import type { AuditStore } from './audit.ts';
import type { BulkResendStore } from './bulk-resends.ts';
import type { ConsoleSessionStore } from './console-sessions.ts';
import type { DeliveryStore } from './deliveries.ts';
import type { EncryptionStore } from './encryption.ts';
import type { EventStore } from './events.ts';
import type { MediaStore } from './media.ts';
import type { Queue } from './queue.ts';
import type { RetentionStore } from './retention.ts';
import type { UsageStore } from './usage.ts';
import type { WebhookStore } from './webhooks.ts';

/**
 * All contracts of the storage. A backend (such as SQLite) implements all of them, and passes the tests in
 * test/conformance.
 *
 * Every method has these obligations:
 * - It is one transaction: all of its changes are durable (synced to the disk) when its promise fulfils, and
 *   no change is made when its promise rejects. Only claims and their releases need not be durable.
 * - It rejects with `ServiceError('storage_full')` when the disk is full. The caller can repeat the call
 *   later.
 * - A method on the hot path (`events.commit`, all of `Queue`) takes arrays, and makes one transaction for
 *   each call.
 * - A method with a `userId` sees only the rows of that account.
 * - A method whose last argument is a `Change` writes an audit record in the same transaction (see
 *   `AuditStore`). A method that creates an object takes only an `Actor`, because the time of the record is
 *   the object's `createdAt`.
 * - Times are milliseconds since the epoch and are always arguments: a backend never reads the clock.
 */
export interface Storage {
  readonly accounts: AccountStore;
  readonly apiKeys: ApiKeyStore;
  readonly consoleSessions: ConsoleSessionStore;
  readonly webhooks: WebhookStore;
  readonly media: MediaStore;
  readonly events: EventStore;
  readonly deliveries: DeliveryStore;
  readonly bulkResends: BulkResendStore;
  readonly queue: Queue;
  readonly retention: RetentionStore;
  readonly encryption: EncryptionStore;
  readonly audit: AuditStore;
  readonly usage: UsageStore;
  close(): Promise<void>;
}
