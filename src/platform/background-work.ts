/**
 * Start and stop of work that runs in the background until it is stopped. The work must end soon after `signal` is
 * aborted; if it rejects then, that is no error.
 */
export class BackgroundWork {
  readonly #work: () => Promise<void>;
  readonly #stop = new AbortController();
  #working: Promise<void> | null = null;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Is aborted when the work must end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Begins the work, unless it has begun already or was stopped. */
  async start(): Promise<void> {
    if (!this.signal.aborted) this.#working ??= this.#run();
  }

  /** Aborts the signal, and waits for the end of the work. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  async #run(): Promise<void> {
    try {
      await this.#work();
    } catch (error) {
      if (!this.signal.aborted) throw error;
    }
  }
}
