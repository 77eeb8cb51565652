/** Counts the attempts in flight, and tells when the last one has ended. */
export class AttemptsInFlight {
  #count = 0;
  /** Called when no attempt is in flight any more, while `untilNone` waits for this. */
  #onNone: (() => void) | null = null;

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onNone?.();
  }

  /** Resolves when no attempt is in flight. No attempt may begin meanwhile. */
  untilNone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#count === 0) resolve();
      else this.#onNone = resolve;
    });
  }
}
