/**
 * Kinds of due deliveries, by what they wait for:
 * - `sendable`: for nothing but a place in memory;
 * - `paused`: until their webhook is resumed;
 * - `throttled`: until the receiver of their webhook answers a probe.
 */
export const DUE_KINDS = ['sendable', 'paused', 'throttled'] as const;
export type DueKind = (typeof DUE_KINDS)[number];

export interface DueCount {
  /** Number of due deliveries. The number at which the count stops means that many or more. */
  readonly count: number;
  /**
   * When the delivery that has been due for longest became due, by the steady clock. `null`: no delivery is due.
   */
  readonly oldestAt: number | null;
}

export const NO_DUE: DueCount = { count: 0, oldestAt: null };

/** Adds up two counts. The sum stops at `limit`. */
export function sumOfDue(a: DueCount, b: DueCount, limit: number): DueCount {
  const times = [a.oldestAt, b.oldestAt].filter((at) => at !== null);
  return {
    count: Math.min(a.count + b.count, limit),
    oldestAt: times.length === 0 ? null : Math.min(...times),
  };
}
