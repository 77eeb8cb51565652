import type { Histogram, Registry } from '@prometheus-io/client';
import Counter from '@prometheus-io/client/lib/counter.js';
import Gauge from '@prometheus-io/client/lib/gauge.js';
import { Distribution, Tally } from './tallies.ts';

/**
 * Functions that register metrics in the registry of the caller, never in the global registry of the library.
 */

export interface Naming {
  readonly name: string;
  readonly help: string;
}

export interface Labelling<Value extends string> extends Naming {
  readonly label: string;
  /** Possible values of the label. */
  readonly values: readonly Value[];
}

export interface Count {
  inc(by?: number): void;
}

export interface Observer {
  observe(value: number): void;
}

export function counter(registry: Registry, naming: Naming): Count {
  const tally = new Tally();
  countOf(registry, naming, () => tally.value);
  return tally;
}

/**
 * Registers a counter for each value of a label. Each counter begins at 0, because a rate would otherwise not
 * include the first increment.
 */
export function countersBy<Value extends string>(
  registry: Registry,
  { label, values, ...naming }: Labelling<Value>,
): Readonly<Record<Value, Count>> {
  const tallies = byValue(values, () => new Tally());
  new Counter({
    ...naming,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const value of values) this.inc({ [label]: value }, tallies[value].value);
    },
  });
  return tallies;
}

export function histogram(registry: Registry, naming: Naming & { buckets: number[] }): Observer {
  const distribution = new Distribution(naming.buckets);
  registerHistogram(registry, naming, [[{}, distribution]]);
  return distribution;
}

export function histogramsBy<Value extends string>(
  registry: Registry,
  { label, values, buckets, ...naming }: Labelling<Value> & { buckets: number[] },
): Readonly<Record<Value, Observer>> {
  const distributions = byValue(values, () => new Distribution(buckets));
  registerHistogram(
    registry,
    naming,
    values.map((value) => [{ [label]: value }, distributions[value]]),
  );
  return distributions;
}

/**
 * Registers histograms that share a name. Registers an object with the members that a registry reads of a metric,
 * because the library's own histograms can't be set to values that were counted elsewhere.
 */
function registerHistogram(
  registry: Registry,
  { name, help }: Naming,
  series: readonly (readonly [labels: Record<string, string>, Distribution])[],
): void {
  const metric = {
    name,
    get: async () => ({
      ...{ name, help, type: 'histogram', aggregator: 'sum' },
      values: series.flatMap(([labels, distribution]) => samplesOf(name, labels, distribution)),
    }),
  };
  registry.registerMetric(metric as unknown as Histogram<string>);
}

/** Returns the samples of one histogram, as the format of Prometheus has them. */
function samplesOf(name: string, labels: Record<string, string>, distribution: Distribution) {
  const counts = distribution.cumulated();
  const bounds = [...distribution.bounds.map(String), '+Inf'];
  const buckets = bounds.map((le, index) => ({
    metricName: `${name}_bucket`,
    labels: { le, ...labels },
    value: counts[index] ?? 0,
  }));
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: distribution.sum },
    { metricName: `${name}_count`, labels, value: counts.at(-1) ?? 0 },
  ];
}

/**
 * Registers a gauge that calls `read` at each scrape. `NaN` means that the value is not known. A value that
 * can't be read, for example because no file descriptor is left, must not hide the other metrics.
 */
export function gauge(registry: Registry, naming: Naming, read: () => number | Promise<number>): void {
  new Gauge({
    ...naming,
    registers: [registry],
    async collect() {
      this.set(await Promise.try(read).catch(() => Number.NaN));
    },
  });
}

/** Registers a gauge for each value of a label. Each scrape calls `read` once for all values. */
export function gaugesBy<Value extends string>(
  registry: Registry,
  { label, values, ...naming }: Labelling<Value>,
  read: () => Readonly<Record<Value, number>> | Promise<Readonly<Record<Value, number>>>,
): void {
  new Gauge({
    ...naming,
    labelNames: [label],
    registers: [registry],
    async collect() {
      const all = await read();
      for (const value of values) this.set({ [label]: value }, all[value]);
    },
  });
}

/** Registers a counter that calls `read` at each scrape, because its value is counted elsewhere. */
export function countOf(registry: Registry, naming: Naming, read: () => number): void {
  new Counter({
    ...naming,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function byValue<Value extends string, T>(values: readonly Value[], make: (value: Value) => T) {
  return Object.fromEntries(values.map((value) => [value, make(value)])) as Readonly<Record<Value, T>>;
}
