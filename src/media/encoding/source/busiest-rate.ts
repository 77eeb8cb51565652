/** Maximum number of pictures that a file holds before one that is shown earlier. */
const REORDERED = 16;
/** Minimum number of seconds over which a rate is measured, so that times that are not exact even out. */
const MIN_SECONDS = 1;

/**
 * Measures the rate of pictures where they follow each other fastest. A recording of a screen has no pictures while
 * nothing moves, so that its average says nothing about the rest.
 */
export class BusiestRate {
  /** Times that may still be preceded by others, in ascending order. */
  readonly #waiting: number[] = [];
  readonly #window: number[] = [];
  #rate = 0;

  /** Takes the time of the next picture of the file, in seconds. */
  add(time: number): void {
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1] ?? 0) > time) place -= 1;
    this.#waiting.splice(place, 0, time);
    if (this.#waiting.length > REORDERED) this.#show(this.#waiting.shift() ?? time);
  }

  /** Returns pictures per second; 0: the pictures last less than a second. */
  end(): number {
    for (const time of this.#waiting.splice(0)) this.#show(time);
    return this.#rate;
  }

  #show(time: number): void {
    const window = this.#window;
    const last = window.at(-1);
    if (time === last) return;
    if (last !== undefined && time < last) window.length = 0;
    window.push(time);
    while (window.length > 2 && time - (window[1] ?? time) >= MIN_SECONDS) window.shift();
    const seconds = time - (window[0] ?? time);
    if (seconds >= MIN_SECONDS) this.#rate = Math.max(this.#rate, (window.length - 1) / seconds);
  }
}
