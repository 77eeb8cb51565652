/** Counts the answers of each operation by status, and collects the faults. */
export class Tally {
  readonly #operations: readonly string[];
  readonly #counts = new Map<string, Map<number, number>>();
  readonly #breaches = new Map<string, string>();

  constructor(operations: readonly string[]) {
    this.#operations = operations;
    for (const name of operations) this.#counts.set(name, new Map());
  }

  get requests(): number {
    return this.#counts.values().reduce((sum, statuses) => sum + total(statuses), 0);
  }

  /** Faults by operation, each with the smallest request that shows it. */
  get breaches(): ReadonlyMap<string, string> {
    return this.#breaches;
  }

  /** Returns the operations that were never answered with 2xx. Requests that no operation accepts are left out. */
  get neverDone(): string[] {
    const isDone = (name: string) =>
      this.#counts
        .get(name)
        ?.keys()
        .some((status) => status >= 200 && status < 300) ?? false;
    return this.#operations.filter((name) => !isDone(name));
  }

  seen(operation: string, status: number): boolean {
    return this.#counts.get(operation)?.has(status) ?? false;
  }

  count(operation: string, status: number): void {
    const statuses = this.#counts.get(operation) ?? new Map<number, number>();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    this.#counts.set(operation, statuses);
  }

  breach(operation: string, description: string): void {
    this.#breaches.set(operation, description);
  }

  isBroken(operation: string): boolean {
    return this.#breaches.has(operation);
  }

  /** Returns a line for each operation, and one for all. */
  get lines(): string[] {
    const all = new Map<number, number>();
    for (const statuses of this.#counts.values())
      for (const [status, count] of statuses) all.set(status, (all.get(status) ?? 0) + count);
    const rows: [string, Map<number, number>][] = [...this.#counts, ['all', all]];
    return rows.map(([name, statuses]) => `${name}: ${shown(statuses)}`);
  }
}

function shown(statuses: ReadonlyMap<number, number>): string {
  const sorted = [...statuses].toSorted(([a], [b]) => a - b);
  return sorted.map(([status, count]) => `${status} × ${count}`).join(', ') || 'no answer';
}

function total(statuses: ReadonlyMap<number, number>): number {
  return statuses.values().reduce((sum, count) => sum + count, 0);
}
