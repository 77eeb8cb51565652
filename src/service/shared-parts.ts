import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Storage } from '../storage/contracts/storage.ts';

/** Objects that every part of the service receives. */
export interface SharedParts {
  readonly storage: Storage;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Returns the current time, in milliseconds since the epoch. */
  readonly now: () => number;
}
