import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { countOf, gauge, gaugesBy } from './instruments.ts';
import type { Metrics } from './metrics.ts';

/**
 * Milliseconds between two measurements of the event loop's delay. 50 measurements per second
 * cost 0.1 to 0.2 % of a core.
 */
const SAMPLE_EVERY_MS = 20;
/**
 * Milliseconds without a scrape after which the event loop's delay is no longer measured. Otherwise a service that has
 * nothing to do would wake 50 times a second for nobody.
 */
const UNWATCHED_MS = 10 * 60_000;
/**
 * Values of the label. Prometheus reserves the label `quantile` for summaries, which this metric is not.
 */
const PERCENTILES = ['50', '99', '100'] as const;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/**
 * Metrics of the process: CPU time, memory and event loop delay. The library's own metrics are not used for
 * this, because their collection can't be stopped, and because they also observe the garbage collector.
 */
export class ProcessMetrics implements Lifecycle {
  /** Measures the delays. `null`: there was no scrape yet, or none for a long time. */
  #delay: ReturnType<typeof monitorEventLoopDelay> | null = null;

  #unwatched: NodeJS.Timeout | null = null;

  constructor({ registry }: Metrics) {
    const startedAt = Date.now() / 1_000 - process.uptime();
    const cpu = {
      name: 'process_cpu_seconds_total',
      help: 'CPU time of all threads of the service, in seconds, without ffmpeg.',
    };
    countOf(registry, cpu, () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / MICROSECONDS;
    });
    const start = {
      name: 'process_start_time_seconds',
      help: 'Start time of the process, in seconds since the epoch.',
    };
    gauge(registry, start, () => startedAt);
    const resident = {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory of the process, in bytes.',
    };
    gauge(registry, resident, () => process.memoryUsage.rss());
    const heap = {
      name: 'nodejs_heap_size_used_bytes',
      help: "Memory of the main thread's JavaScript objects, in bytes.",
    };
    gauge(registry, heap, () => process.memoryUsage().heapUsed);
    const delay = {
      name: 'mediahooks_event_loop_delay_seconds',
      help: 'Delay of timers since the previous scrape, in seconds; percentile 100 is the maximum. Measured from the first scrape on.',
      label: 'percentile',
      values: PERCENTILES,
    };
    gaugesBy(registry, delay, () => this.#delaySinceLast());
  }

  /** Does nothing, because the first scrape starts the measurements. */
  async start(): Promise<void> {}

  async stop(): Promise<void> {
    if (this.#unwatched) clearTimeout(this.#unwatched);
    this.#delay?.disable();
  }

  #watch(): void {
    if (!this.#delay) {
      this.#delay = monitorEventLoopDelay({ resolution: SAMPLE_EVERY_MS });
      this.#delay.enable();
    }
    this.#unwatched ??= setTimeout(() => {
      this.#unwatched = null;
      this.#delay?.disable();
      this.#delay = null;
    }, UNWATCHED_MS).unref();
    this.#unwatched.refresh();
  }

  #delaySinceLast(): Record<(typeof PERCENTILES)[number], number> {
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS - SAMPLE_EVERY_MS / 1_000);
    const delay = this.#delay;
    const hasSamples = delay !== null && delay.count > 0;
    const delays = {
      '50': hasSamples ? seconds(delay.percentile(50)) : 0,
      '99': hasSamples ? seconds(delay.percentile(99)) : 0,
      '100': hasSamples ? seconds(delay.max) : 0,
    };
    delay?.reset();
    this.#watch();
    return delays;
  }
}
