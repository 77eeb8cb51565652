import { cpuSeconds } from '../process-usage.ts';
import type { LoadResult } from '../programs/load.ts';
import type { ServiceUnderLoad } from '../service-under-load.ts';

export interface Cost {
  readonly deliveries: number;
  /** CPU seconds of all threads of the service. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly load: LoadResult;
  /**
   * Average number of cores that the receiver and the load generator kept busy. The numbers show that neither
   * of the two is the bottleneck.
   */
  readonly busyReceiver: number;
  readonly busyLoad: number;
}

export interface CostOptions {
  /** Publishes the events, and fulfils when all are accepted. */
  readonly publish: () => Promise<LoadResult>;
  /** Process id of the receiver. */
  readonly receiver: number;
  /** Returns a promise that fulfils when the measurement must end. Default: when no delivery is pending. */
  readonly until?: () => Promise<void>;
}

/**
 * Measures the CPU time that the service spends from the start of `publish` until all published events are
 * delivered, and their deliveries recorded.
 */
export async function costOf(service: ServiceUnderLoad, options: CostOptions): Promise<Cost> {
  const succeeded = () => service.count(`deliveries where state = 'succeeded'`);
  const before = { deliveries: succeeded(), cpu: service.cpuSeconds, receiver: cpuSeconds(options.receiver) };
  const startedAt = performance.now();
  const load = await options.publish();
  await (options.until ?? (() => service.untilDelivered()))();
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    cpuSeconds: service.cpuSeconds - before.cpu,
    deliveries: succeeded() - before.deliveries,
    seconds,
    load,
    busyReceiver: (cpuSeconds(options.receiver) - before.receiver) / seconds,
    busyLoad: load.cpuSeconds / load.seconds,
  };
}

/** Returns microseconds of CPU time for each delivery. */
export function each(cost: Pick<Cost, 'deliveries' | 'cpuSeconds'>): number {
  return (cost.cpuSeconds / cost.deliveries) * 1e6;
}
