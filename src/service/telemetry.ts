import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import { freeBytes } from '../data-folder/disk-space.ts';
import { OwnTrouble } from '../delivery/attempt/own-trouble.ts';
import type { Logger } from '../logging/logger.ts';
import { Metrics } from '../observability/metrics.ts';
import { ProcessMetrics } from '../observability/process-metrics.ts';
import { Readiness } from '../observability/readiness.ts';
import type { Stops } from '../platform/lifecycle.ts';

export interface Telemetry {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly ownTrouble: OwnTrouble;
}

export async function startTelemetry(
  config: Config,
  { logger, monotonicNow }: { readonly logger: Logger; readonly monotonicNow: () => number },
  stops: Stops,
): Promise<Telemetry> {
  const metrics = new Metrics();
  const processMetrics = new ProcessMetrics(metrics);
  await processMetrics.start();
  stops.push(() => processMetrics.stop());
  const ownTrouble = new OwnTrouble({ logger, monotonicNow });
  const readiness = new Readiness({
    freeBytes: () => leastFreeBytes(config),
    ownTrouble: () => ownTrouble.reason,
    monotonicNow,
  });
  return { metrics, readiness, ownTrouble };
}

/**
 * Returns the free bytes on the disk with the least free space, among the disks of the
 * database and the media.
 */
async function leastFreeBytes({ dataDir, databaseUrl }: Config): Promise<number> {
  const directories = [dataDir];
  if (databaseUrl.protocol === 'file:') directories.push(dirname(fileURLToPath(databaseUrl)));
  return Math.min(...(await Promise.all(directories.map(freeBytes))));
}
