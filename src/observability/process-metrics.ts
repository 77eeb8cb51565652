import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { countOf, gauge, gaugesBy } from './instruments.ts';
import type { Metrics } from './metrics.ts';

/** Milliseconds between two looks at the event loop: 50 wake-ups a second, 0.1 % of a core. */
const LOOK_EVERY_MS = 20;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/**
 * CPU, memory and event loop delay. prom-client's own collection of these can't be stopped, and watches the
 * garbage collector too; this ends with the service.
 */
export class ProcessMetrics implements Lifecycle {
  readonly #delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });

  constructor({ registry }: Metrics) {
    const startedAt = Date.now() / 1_000 - process.uptime();
    const cpu = {
      name: 'process_cpu_seconds_total',
      help: 'CPU time of all threads of the service, in seconds; without ffmpeg.',
    };
    countOf(registry, cpu, () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / MICROSECONDS;
    });
    const start = {
      name: 'process_start_time_seconds',
      help: 'When the process started, in seconds since the epoch.',
    };
    gauge(registry, start, () => startedAt);
    const resident = {
      name: 'process_resident_memory_bytes',
      help: 'Memory of the process that is in RAM, in bytes.',
    };
    gauge(registry, resident, () => process.memoryUsage.rss());
    const heap = {
      name: 'nodejs_heap_size_used_bytes',
      help: "Of it, what the main thread's JavaScript objects take, in bytes.",
    };
    gauge(registry, heap, () => process.memoryUsage().heapUsed);
    const delay = {
      name: 'mediahooks_event_loop_delay_seconds',
      help: 'How late timers ran since the previous scrape, in seconds; quantile 1 is the worst.',
      label: 'quantile',
      values: ['0.5', '0.99', '1'] as const,
    };
    gaugesBy(registry, delay, () => this.#delaySinceLast());
  }

  async start(): Promise<void> {
    this.#delay.enable();
  }

  async stop(): Promise<void> {
    this.#delay.disable();
  }

  #delaySinceLast(): Record<'0.5' | '0.99' | '1', number> {
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS - LOOK_EVERY_MS / 1_000);
    const hasLooked = this.#delay.count > 0;
    const delays = {
      '0.5': hasLooked ? seconds(this.#delay.percentile(50)) : 0,
      '0.99': hasLooked ? seconds(this.#delay.percentile(99)) : 0,
      '1': hasLooked ? seconds(this.#delay.max) : 0,
    };
    this.#delay.reset();
    return delays;
  }
}
