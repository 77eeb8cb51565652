/** Result of one row of the benchmark. */
export interface RowResult {
  /** Measured value, the single number that is compared with the goal. */
  readonly value: number;
  readonly holds: boolean;
  /** Measurements from which `value` was computed, by their descriptions. */
  readonly from: Readonly<Record<string, number | string>>;
}

export interface Row {
  readonly name: string;
  readonly measures: string;
  readonly goal: string;
  /** Whether the row is measured only when the command line names it, because it takes long. */
  readonly onlyByName?: boolean;
  /** @param seconds duration of each measurement. `null`: the duration for which the row has its goal */
  run(seconds: number | null): Promise<RowResult>;
}

/** Rounds a measurement to three significant digits, because the measurements are not more exact. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
