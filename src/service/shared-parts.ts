import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { SteadyClock } from '../platform/steady-clock.ts';
import type { Storage } from '../storage/contracts/storage.ts';

/** Objects that every part of the service receives. */
export interface SharedParts {
  readonly storage: Storage;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Returns the current time, in milliseconds since the epoch. People see it, and credentials expire by it. */
  readonly now: () => number;
  /** Clock by which everything waits. */
  readonly clock: SteadyClock;
}
