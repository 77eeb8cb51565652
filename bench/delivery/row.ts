/** A row of the benchmark's result. */
export interface RowResult {
  /** Measured value, as a single number. */
  readonly value: number;
  readonly holds: boolean;
  /** Measurements from which the value was computed. */
  readonly from: Readonly<Record<string, number | string>>;
}

export interface Row {
  readonly name: string;
  readonly measures: string;
  readonly goal: string;
  /** Whether the row takes long, so that it is measured only when it is named. */
  readonly onlyByName?: boolean;
  run(): Promise<RowResult>;
}

/** Rounds to three significant digits, because these measurements are no more exact. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
