import type { Registry } from '@prometheus-io/client';
import Counter from '@prometheus-io/client/lib/counter.js';
import Gauge from '@prometheus-io/client/lib/gauge.js';
import Histogram from '@prometheus-io/client/lib/histogram.js';

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
  return new Counter({ ...naming, registers: [registry] });
}

/**
 * Registers a counter for each value of a label. Each counter begins at 0, because a rate would otherwise not
 * include the first increment.
 */
export function countersBy<Value extends string>(
  registry: Registry,
  { label, values, ...naming }: Labelling<Value>,
): Readonly<Record<Value, Count>> {
  const all = new Counter({ ...naming, labelNames: [label], registers: [registry] });
  return byValue(values, (value) => {
    const child = all.labels({ [label]: value });
    child.inc(0);
    return child;
  });
}

export function histogram(registry: Registry, naming: Naming & { buckets: number[] }): Observer {
  return new Histogram({ ...naming, registers: [registry] });
}

export function histogramsBy<Value extends string>(
  registry: Registry,
  { label, values, ...naming }: Labelling<Value> & { buckets: number[] },
): Readonly<Record<Value, Observer>> {
  const all = new Histogram({ ...naming, labelNames: [label], registers: [registry] });
  return byValue(values, (value) => {
    all.zero({ [label]: value });
    return all.labels({ [label]: value });
  });
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
