import { Circuit, type CircuitView, CLOSED, FORGOTTEN_AFTER_MS } from './circuit.ts';

/** How the circuits stand that are not closed. */
export interface CircuitCounts {
  readonly open: number;
  readonly halfOpen: number;
}

/**
 * The circuits of all webhooks. Only those cost memory that are not closed, and for ten minutes those that have
 * failures to count: a webhook that is answered has none.
 */
export class Circuits {
  /** Closed, with failures; those whose latest is longest ago come first. */
  readonly #counting = new Map<string, Circuit>();
  /** Open and half open. */
  readonly #tripped = new Map<string, Circuit>();
  /** The open ones by their interval, so that within each the next to be probed comes first. */
  readonly #resting = new Map<number, Set<Circuit>>();
  #open = 0;

  /** For metrics: costs nothing to ask. */
  get counts(): CircuitCounts {
    return { open: this.#open, halfOpen: this.#tripped.size - this.#open };
  }

  of(webhookId: string): CircuitView {
    return this.#tripped.get(webhookId) ?? CLOSED;
  }

  isClosed(webhookId: string): boolean {
    return this.#tripped.size === 0 || !this.#tripped.has(webhookId);
  }

  /** The webhooks whose circuits are not closed. */
  get tripped(): Iterable<string> {
    return this.#tripped.keys();
  }

  /** How many requests a circuit lets be under way at once. */
  allowance(webhookId: string): number {
    if (this.isClosed(webhookId)) return Number.POSITIVE_INFINITY;
    return this.#tripped.get(webhookId)?.state === 'half_open' ? 1 : 0;
  }

  /** How long the latest attempt took, in milliseconds, if it was unanswered; 0 else. */
  lastFailureMs(webhookId: string): number {
    return this.#find(webhookId)?.failedAfterMs ?? 0;
  }

  /** A delivery of the webhook is being sent. */
  sending(webhookId: string): void {
    if (this.#tripped.size > 0) this.#tripped.get(webhookId)?.send();
  }

  /** An attempt was answered. @returns whether that closed the circuit */
  answered(webhookId: string): boolean {
    return this.reset(webhookId);
  }

  /** Closes a circuit and forgets its failures. @returns whether it was not closed */
  reset(webhookId: string): boolean {
    if (this.#counting.size > 0) this.#counting.delete(webhookId);
    if (this.isClosed(webhookId)) return false;
    const circuit = this.#tripped.get(webhookId);
    if (circuit) this.#rouse(circuit);
    return this.#tripped.delete(webhookId);
  }

  /**
   * An attempt ended unanswered at `at`, after `durationMs`.
   * @returns whether that opened a circuit that was closed
   */
  unanswered(webhookId: string, at: number, durationMs: number): boolean {
    const circuit = this.#find(webhookId) ?? new Circuit(webhookId);
    const wasClosed = circuit.state === 'closed';
    const opened = circuit.fail(at, durationMs);
    if (wasClosed) {
      // Set anew, to be the last.
      this.#counting.delete(webhookId);
      (opened ? this.#tripped : this.#counting).set(webhookId, circuit);
    }
    if (opened) this.#rest(circuit);
    return opened && wasClosed;
  }

  /** When time alone changes something next, in milliseconds since the epoch; null when it never does. */
  get nextChangeAt(): number | null {
    if (this.#counting.size === 0 && this.#open === 0) return null;
    let next = Number.POSITIVE_INFINITY;
    for (const [first] of this.#resting.values()) next = Math.min(next, first?.probeAt ?? next);
    const [failing] = this.#counting.values();
    if (failing) next = Math.min(next, failing.failedAt + FORGOTTEN_AFTER_MS);
    return next;
  }

  /** Does what time alone does. @returns the webhooks whose circuits became half open */
  advance(now: number): string[] {
    for (const circuit of this.#counting.values()) {
      if (circuit.failedAt + FORGOTTEN_AFTER_MS > now) break;
      this.#counting.delete(circuit.webhookId);
    }
    const halfOpened: string[] = [];
    for (const circuits of this.#resting.values()) {
      for (const circuit of circuits) {
        if (circuit.probeAt !== null && circuit.probeAt > now) break;
        this.#rouse(circuit);
        circuit.halfOpen();
        halfOpened.push(circuit.webhookId);
      }
    }
    return halfOpened;
  }

  #find(webhookId: string): Circuit | undefined {
    return this.#tripped.get(webhookId) ?? this.#counting.get(webhookId);
  }

  #rest(circuit: Circuit): void {
    let circuits = this.#resting.get(circuit.intervalMs);
    if (!circuits) {
      circuits = new Set();
      this.#resting.set(circuit.intervalMs, circuits);
    }
    circuits.add(circuit);
    this.#open += 1;
  }

  #rouse(circuit: Circuit): void {
    if (this.#resting.get(circuit.intervalMs)?.delete(circuit)) this.#open -= 1;
  }
}
