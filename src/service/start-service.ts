import type { Config } from '../config/config.ts';
import { createLogger, type Logger } from '../logging/logger.ts';
import { type Stops, stopAll } from '../platform/lifecycle.ts';
import { type OpenedData, openServerData } from './open-data.ts';
import type { PartsOptions } from './start-parts.ts';

export interface Service extends OpenedData {
  /** URL on which the server listens. */
  readonly url: string;
  /** Ends requests, attempts and encoders in good order. The next start resumes unfinished work. */
  stop(): Promise<void>;
}

/** Options that are not settings. Only tests use these options, except for `signal`. */
export interface ServiceOptions extends PartsOptions {
  /** Maximum number of milliseconds to wait for a lock of another process on the database. */
  readonly busyTimeoutMs?: number;
  /** An abort of this signal ends a start that waits. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the data, creates all parts of the service and starts them in order. `Service.stop` stops them in the
 * reverse order.
 */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const stops: Stops = [];
  const stop = () => stopAll(stops);
  try {
    return { ...(await openAndStart(config, options, stops)), stop };
  } catch (error) {
    // Ignores an error of `stop`. The error of the start is more important, and is thrown below.
    await stop().catch(() => undefined);
    throw error;
  }
}

async function openAndStart(
  config: Config,
  { busyTimeoutMs, signal, ...options }: ServiceOptions,
  stops: Stops,
): Promise<Omit<Service, 'stop'>> {
  const logger = createLogger(config.logLevel);
  logIgnored(config, logger);
  // Nothing is refused before the parts make calls of accounts.
  let count: () => void = () => undefined;
  const opened = await openServerData(
    config,
    {
      logger,
      signal,
      busyTimeoutMs,
      onRefused: () => count(),
      // The database's thread opens the database meanwhile. A failure is reported by the import below.
      meanwhile: () => void loadParts().catch(() => undefined),
    },
    stops,
  );
  const { startParts } = await loadParts();
  const countRefusals = (counting: () => void) => {
    count = counting;
  };
  const url = await startParts(config, { ...opened, logger, countRefusals }, options, stops);
  return { ...opened, url };
}

/** Loads the code of all parts: most of the program. */
const loadParts = () => import('./start-parts.ts');

/** Logs which variables look like settings and are ignored, because an operator may have meant them as settings. */
function logIgnored({ ignoredVariables: variables }: Config, logger: Logger): void {
  if (variables.length > 0) logger.info({ variables }, 'variables of a Kubernetes Service are ignored');
}
