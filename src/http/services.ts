import type { Accounts } from '../accounts/accounts.ts';
import type { ApiKeys } from '../accounts/api-keys.ts';
import type { Authenticator } from '../accounts/authenticator.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { EventIntake } from '../events/accept-events.ts';
import type { Publisher } from '../events/publisher.ts';
import type { Logger } from '../logging/logger.ts';
import type { CustomThumbnails } from '../media/custom-thumbnail.ts';
import type { MediaLibrary } from '../media/library.ts';
import type { MediaLinks } from '../media/links.ts';
import type { Uploads } from '../media/uploads/uploads.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Readiness } from '../observability/readiness.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { Resends } from '../webhooks/resends.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

/** Everything that routes work with. */
export interface Services {
  readonly storage: Storage;
  readonly authenticator: Authenticator;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly sessions: Sessions;
  readonly publisher: Publisher;
  readonly eventIntake: EventIntake;
  readonly webhooks: Webhooks;
  readonly resends: Resends;
  readonly library: MediaLibrary;
  readonly uploads: Uploads;
  readonly thumbnails: CustomThumbnails;
  readonly links: MediaLinks;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Null where anyone may read the metrics. */
  readonly metricsToken: string | null;
  readonly readiness: Readiness;
  /** Absolute path of the folder for media files. */
  readonly dataDir: string;
  /** What links begin with; known once the service listens. */
  readonly publicUrl: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
