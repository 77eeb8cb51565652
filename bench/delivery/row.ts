/** What a row of the benchmark says. */
export interface RowResult {
  /** What was measured, as a single number. */
  readonly value: number;
  readonly holds: boolean;
  /** What the value was computed from. */
  readonly from: Readonly<Record<string, number | string>>;
}

export interface Row {
  readonly name: string;
  readonly measures: string;
  readonly goal: string;
  /** Takes long, and is measured only when it is asked for. */
  readonly onlyByName?: boolean;
  run(): Promise<RowResult>;
}

/** To three significant digits: what these measurements can bear. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
