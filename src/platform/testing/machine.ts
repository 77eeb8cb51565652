/** Wall clock's time of a new machine, in milliseconds since the epoch. */
export const START = 1_767_225_600_000;

/** Clocks of a machine that the test sets. */
export class Machine {
  wall = START;
  monotonic = 500;
  up = 10_500;
  readonly clocks = {
    wallNow: () => this.wall,
    monotonicNow: () => this.monotonic,
    upNow: () => this.up,
  };

  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
    this.up += ms;
  }

  suspend(ms: number): void {
    this.wall += ms;
    this.up += ms;
  }
}
