import type { Accounts } from '../accounts/accounts.ts';
import type { ApiKeys } from '../accounts/api-keys.ts';
import type { RequestAuthenticator } from '../accounts/authenticator.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { EventIntake } from '../events/accept-events.ts';
import type { Logger } from '../logging/logger.ts';
import type { CustomThumbnails } from '../media/custom-thumbnail.ts';
import type { MediaLibrary } from '../media/library.ts';
import type { MediaLinks } from '../media/links.ts';
import type { Uploads } from '../media/uploads/uploads.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Readiness } from '../observability/readiness.ts';
import type { AuditStore } from '../storage/contracts/audit.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

/**
 * Use cases and surroundings that routes work with. A route takes only the members that it needs. Nothing here may let a
 * route change something past the use case that notifies the other parts of the service: no storage, no dispatcher.
 */
export interface Services {
  readonly authenticator: RequestAuthenticator;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly sessions: Sessions;
  /** Audit records are written by the storage, with the changes that they tell of; routes only read them. */
  readonly auditLog: Pick<AuditStore, 'list'>;
  readonly eventIntake: EventIntake;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  readonly library: MediaLibrary;
  readonly uploads: Uploads;
  readonly thumbnails: CustomThumbnails;
  readonly links: MediaLinks;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** `null`: anyone may read the metrics. */
  readonly metricsToken: string | null;
  readonly readiness: Readiness;
  /** Absolute path of the folder for media files. */
  readonly dataDir: string;
  /** Returns the beginning of every link. It is known only once the service listens. */
  readonly publicUrl: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
