import type { Accounts } from '../accounts/accounts.ts';
import type { ApiKeys } from '../accounts/api-keys.ts';
import type { RequestAuthenticator } from '../accounts/authenticator.ts';
import type { ConsoleSessions } from '../accounts/console-sessions.ts';
import type { RecordQuota } from '../accounts/record-quota.ts';
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
import type { Inboxes } from '../webhooks/inbox/inboxes.ts';
import type { DeliveryStatistics } from '../webhooks/live/delivery-statistics.ts';
import type { LiveDeliveries } from '../webhooks/live/live-deliveries.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { EventStreams } from './streams/event-streams.ts';

/** Settings of the web console, and limits that it shows. */
export interface ConsoleOptions {
  readonly isOn: boolean;
  /** Origins of pages that may show the console in a frame. */
  readonly embedOrigins: readonly string[];
  /** Colour in the form `#rrggbb`; `null`: the console's own. */
  readonly accent: string | null;
  /** Absolute path of an image; `null`: no logo. */
  readonly logo: string | null;
  /** Whether inboxes are on. */
  readonly hasInboxes: boolean;
  /** Limits of an account; `null`: no limit. */
  readonly limits: {
    readonly webhooks: number | null;
    readonly apiKeys: number | null;
    readonly mediaBytes: number | null;
    readonly accountBytes: number | null;
  };
}

/**
 * Use cases and other objects that routes use. A route takes only the members that it needs. There is no
 * storage and no dispatcher, because a route must change data only through a use case, which also notifies
 * the other parts of the service.
 */
export interface Services {
  readonly authenticator: RequestAuthenticator;
  readonly accounts: Accounts;
  readonly recordQuota: Pick<RecordQuota, 'admit'>;
  readonly apiKeys: ApiKeys;
  readonly sessions: Sessions;
  readonly consoleSessions: ConsoleSessions;
  readonly console: ConsoleOptions;
  /**
   * Audit log, which routes only read. The storage writes each audit record in the transaction of the
   * change that it records.
   */
  readonly auditLog: Pick<AuditStore, 'list'>;
  readonly eventIntake: EventIntake;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  readonly statistics: Pick<DeliveryStatistics, 'read'>;
  readonly liveDeliveries: Pick<LiveDeliveries, 'listen'>;
  /** `null`: the operator has turned inboxes off. */
  readonly inboxes: Inboxes | null;
  readonly eventStreams: Pick<EventStreams, 'answer'>;
  readonly library: MediaLibrary;
  readonly uploads: Uploads;
  readonly thumbnails: CustomThumbnails;
  readonly links: MediaLinks;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Token that requests for the metrics must carry; `null`: everyone can read the metrics. */
  readonly metricsToken: string | null;
  readonly readiness: Readiness;
  /** Absolute path of the data folder, which contains the media files. */
  readonly dataDir: string;
  /**
   * Returns the URL with which every link begins. The URL is known only after the server has begun to listen.
   */
  readonly publicUrl: () => string;
  /** Returns the current time, in milliseconds since the epoch. */
  readonly now: () => number;
}
