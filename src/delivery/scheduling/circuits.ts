import { Circuit, type CircuitView, CLOSED, FAILURES_EXPIRE_AFTER_MS } from './circuit.ts';

/** Number of circuits that are not closed, by state. */
export interface CircuitCounts {
  readonly open: number;
  readonly halfOpen: number;
}

/**
 * Circuits of all webhooks. A webhook costs memory only while its circuit is not closed, and for ten minutes after a
 * failure: a webhook that is answered costs none.
 */
export class Circuits {
  /** Closed circuits with failures. The circuit whose latest failure is oldest comes first. */
  readonly #failing = new Map<string, Circuit>();
  /** Open and half-open circuits. */
  readonly #tripped = new Map<string, Circuit>();
  /** Open circuits by their interval. Within an interval, the circuit to be probed next comes first. */
  readonly #openByInterval = new Map<number, Set<Circuit>>();
  #openCount = 0;

  /** Counts for metrics, in O(1). */
  get counts(): CircuitCounts {
    return { open: this.#openCount, halfOpen: this.#tripped.size - this.#openCount };
  }

  of(webhookId: string): CircuitView {
    return this.#tripped.get(webhookId) ?? CLOSED;
  }

  isClosed(webhookId: string): boolean {
    return this.#tripped.size === 0 || !this.#tripped.has(webhookId);
  }

  /** Ids of the webhooks whose circuits are not closed. */
  get tripped(): Iterable<string> {
    return this.#tripped.keys();
  }

  /** Returns how many requests the circuit of a webhook allows to be in flight. */
  maxInFlight(webhookId: string): number {
    if (this.isClosed(webhookId)) return Number.POSITIVE_INFINITY;
    return this.#tripped.get(webhookId)?.state === 'half_open' ? 1 : 0;
  }

  /** Returns the duration in milliseconds of the latest attempt if it was unanswered, otherwise 0. */
  lastFailureMs(webhookId: string): number {
    return this.#find(webhookId)?.failureDurationMs ?? 0;
  }

  attemptStarted(webhookId: string): void {
    if (this.#tripped.size > 0) this.#tripped.get(webhookId)?.attemptStarted();
  }

  /** Notes that an attempt was answered. @returns whether that closed the circuit */
  answered(webhookId: string): boolean {
    return this.reset(webhookId);
  }

  /** Closes a circuit and forgets its failures. @returns whether it was open or half open */
  reset(webhookId: string): boolean {
    if (this.#failing.size > 0) this.#failing.delete(webhookId);
    if (this.isClosed(webhookId)) return false;
    const circuit = this.#tripped.get(webhookId);
    if (circuit) this.#removeOpen(circuit);
    return this.#tripped.delete(webhookId);
  }

  /**
   * Notes that an attempt ended unanswered at `at`, after `durationMs`.
   * @returns whether that opened a closed circuit
   */
  unanswered(webhookId: string, at: number, durationMs: number): boolean {
    const circuit = this.#find(webhookId) ?? new Circuit(webhookId);
    const wasClosed = circuit.state === 'closed';
    const opened = circuit.fail(at, durationMs);
    if (wasClosed) {
      // Deleted and set again, so that the circuit becomes the last.
      this.#failing.delete(webhookId);
      (opened ? this.#tripped : this.#failing).set(webhookId, circuit);
    }
    if (opened) this.#addOpen(circuit);
    return opened && wasClosed;
  }

  /** When `advance` has something to do next, in milliseconds since the epoch. `null`: never. */
  get nextChangeAt(): number | null {
    if (this.#failing.size === 0 && this.#openCount === 0) return null;
    let next = Number.POSITIVE_INFINITY;
    for (const [first] of this.#openByInterval.values()) next = Math.min(next, first?.probeAt ?? next);
    const [failing] = this.#failing.values();
    if (failing) next = Math.min(next, failing.failedAt + FAILURES_EXPIRE_AFTER_MS);
    return next;
  }

  /**
   * Expires old failures, and makes circuits half open whose interval is over.
   * @returns ids of the webhooks of those circuits
   */
  advance(now: number): string[] {
    for (const circuit of this.#failing.values()) {
      if (circuit.failedAt + FAILURES_EXPIRE_AFTER_MS > now) break;
      this.#failing.delete(circuit.webhookId);
    }
    const halfOpened: string[] = [];
    for (const circuits of this.#openByInterval.values()) {
      for (const circuit of circuits) {
        if (circuit.probeAt !== null && circuit.probeAt > now) break;
        this.#removeOpen(circuit);
        circuit.halfOpen();
        halfOpened.push(circuit.webhookId);
      }
    }
    return halfOpened;
  }

  #find(webhookId: string): Circuit | undefined {
    return this.#tripped.get(webhookId) ?? this.#failing.get(webhookId);
  }

  #addOpen(circuit: Circuit): void {
    let circuits = this.#openByInterval.get(circuit.intervalMs);
    if (!circuits) {
      circuits = new Set();
      this.#openByInterval.set(circuit.intervalMs, circuits);
    }
    circuits.add(circuit);
    this.#openCount += 1;
  }

  #removeOpen(circuit: Circuit): void {
    if (this.#openByInterval.get(circuit.intervalMs)?.delete(circuit)) this.#openCount -= 1;
  }
}
