import { Circuit, type CircuitView, CLOSED, FAILURES_EXPIRE_AFTER_MS, FAILURES_TO_OPEN } from './circuit.ts';

/** Unanswered attempt, as its circuit counts it. */
export interface UnansweredAttempt {
  /** Time of the steady clock at which the attempt ended. */
  readonly at: number;
  readonly durationMs: number;
  readonly failuresToOpen?: number;
}

/** Numbers of open and of half-open circuits. */
export interface CircuitCounts {
  readonly open: number;
  readonly halfOpen: number;
}

/**
 * Circuits of all webhooks. An open or half-open circuit uses memory. A closed circuit uses memory only if
 * the webhook's latest attempt was unanswered, and only for ten minutes after that attempt.
 */
export class Circuits {
  /**
   * Closed circuits with failures, by the webhook's id. The circuit whose latest failure is oldest comes
   * first.
   */
  readonly #failing = new Map<string, Circuit>();
  /** Open and half-open circuits, by the webhook's id. */
  readonly #tripped = new Map<string, Circuit>();
  /**
   * Open circuits, grouped by their interval in milliseconds. In each group, the circuit whose probe is due
   * first comes first.
   */
  readonly #openByInterval = new Map<number, Set<Circuit>>();
  #openCount = 0;

  /** Numbers of open and of half-open circuits, for metrics. Computed in O(1). */
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

  /** Circuits of the webhooks whose latest attempt was unanswered, whatever their states. */
  *failing(): Iterable<Readonly<Pick<Circuit, 'webhookId' | 'state' | 'failureDurationMs'>>> {
    yield* this.#failing.values();
    yield* this.#tripped.values();
  }

  /** Returns the maximum number of requests in flight that the circuit of a webhook allows. */
  maxInFlight(webhookId: string): number {
    if (this.isClosed(webhookId)) return Number.POSITIVE_INFINITY;
    return this.#tripped.get(webhookId)?.state === 'half_open' ? 1 : 0;
  }

  /**
   * Returns the duration in milliseconds of the webhook's latest attempt if that attempt was unanswered,
   * otherwise 0.
   */
  lastFailureMs(webhookId: string): number {
    return this.#find(webhookId)?.failureDurationMs ?? 0;
  }

  attemptStarted(webhookId: string): void {
    if (this.#tripped.size > 0) this.#tripped.get(webhookId)?.attemptStarted();
  }

  /**
   * Closes the circuit of a webhook, because an attempt was answered.
   * @returns whether the circuit was open or half open before
   */
  answered(webhookId: string): boolean {
    return this.reset(webhookId);
  }

  /** Closes a circuit and forgets its failures. @returns whether the circuit was open or half open before */
  reset(webhookId: string): boolean {
    if (this.#failing.size > 0) this.#failing.delete(webhookId);
    if (this.isClosed(webhookId)) return false;
    const circuit = this.#tripped.get(webhookId);
    if (circuit) this.#removeOpen(circuit);
    return this.#tripped.delete(webhookId);
  }

  /**
   * Counts an unanswered attempt of a webhook. The attempt ended at `at`, and took `durationMs`.
   * @param failuresToOpen number of consecutive unanswered attempts that open the circuit
   * @returns whether the attempt opened a closed circuit
   */
  unanswered(
    webhookId: string,
    { at, durationMs, failuresToOpen = FAILURES_TO_OPEN }: UnansweredAttempt,
  ): boolean {
    const circuit = this.#find(webhookId) ?? new Circuit(webhookId);
    const wasClosed = circuit.state === 'closed';
    const opened = circuit.fail(at, durationMs, failuresToOpen);
    if (wasClosed) {
      // Deletes the circuit and sets it again, so that the circuit becomes the last one in the order of the
      // map.
      this.#failing.delete(webhookId);
      (opened ? this.#tripped : this.#failing).set(webhookId, circuit);
    }
    if (opened) this.#addOpen(circuit);
    return opened && wasClosed;
  }

  /**
   * When `advance` must be called next, by the steady clock. `null`: no circuit will change by
   * time alone.
   */
  get nextChangeAt(): number | null {
    if (this.#failing.size === 0 && this.#openCount === 0) return null;
    let next = Number.POSITIVE_INFINITY;
    for (const [first] of this.#openByInterval.values()) next = Math.min(next, first?.probeAt ?? next);
    const [failing] = this.#failing.values();
    if (failing) next = Math.min(next, failing.failedAt + FAILURES_EXPIRE_AFTER_MS);
    return next;
  }

  /**
   * Removes failures that have expired. Makes each open circuit half open if its interval is over.
   * @returns ids of the webhooks whose circuits became half open
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
