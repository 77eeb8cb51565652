import { cpuSeconds } from '../process-usage.ts';
import type { LoadResult } from '../programs/load.ts';
import type { ServiceUnderLoad } from '../service-under-load.ts';

export interface Cost {
  readonly deliveries: number;
  /** CPU time of the service, all of its threads, in seconds. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly load: LoadResult;
  /** Cores kept busy by the receiver and by the load, on average. They show that neither is the bottleneck. */
  readonly busyReceiver: number;
  readonly busyLoad: number;
}

export interface CostOptions {
  /** Fulfils when all events are accepted. */
  readonly publish: () => Promise<LoadResult>;
  /** Process id of the receiver. */
  readonly receiver: number;
  /** Fulfils when the measurement ends. Default: when no delivery is pending. */
  readonly until?: () => Promise<void>;
}

/**
 * Measures the CPU time that the service spends from now until everything that is published is delivered and
 * recorded.
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
