import { LinkedList, type ListNode } from './linked-list.ts';

/** Something that must end in time. */
export interface Deadline {
  /** Time by the clock of `Deadlines`, which sets it. */
  deadlineAt: number;
  /** Node in the list of `Deadlines`. */
  readonly deadlineNode: ListNode<Deadline>;
  /** Called once, when the time has come. The deadline is not set any more then. */
  onDeadline(): void;
}

export interface DeadlinesOptions {
  /** Milliseconds from the setting of a deadline to its time. */
  readonly afterMs: number;
  /** Returns milliseconds of a clock that nobody can set. */
  readonly now: () => number;
}

/**
 * Deadlines that are all equally far away when they are set. They share one timer, because nearly all of them are
 * cleared long before their time, and a timer of its own costs each of them half a microsecond. Setting and clearing
 * take constant time.
 *
 *   first ──▶ … ──▶ last      in the order of their times, which is the order in which they were set
 *     ▲
 *   The timer fires at the time of the first one. If that one is cleared, the timer stays as it is: it fires too early
 *   for the others, and is then set for the first of these.
 *
 * The timer does not keep the process alive.
 */
export class Deadlines {
  readonly #options: DeadlinesOptions;
  readonly #list = new LinkedList<Deadline>();
  #isTimerSet = false;

  constructor(options: DeadlinesOptions) {
    this.#options = options;
  }

  /** Sets a deadline, which must not be set already. @param from present time of the clock */
  set(deadline: Deadline, from = this.#options.now()): void {
    const { afterMs } = this.#options;
    deadline.deadlineAt = from + afterMs;
    this.#list.add(deadline.deadlineNode);
    if (!this.#isTimerSet) this.#setTimer(afterMs);
  }

  /** Clears a deadline. Does nothing if it is not set. */
  clear(deadline: Deadline): void {
    this.#list.delete(deadline.deadlineNode);
  }

  #setTimer(afterMs: number): void {
    this.#isTimerSet = true;
    setTimeout(() => this.#expire(), afterMs).unref();
  }

  #expire(): void {
    const now = this.#options.now();
    let first = this.#list.first;
    for (; first !== null && first.deadlineAt <= now; first = this.#list.first) {
      this.clear(first);
      first.onDeadline();
    }
    // Rounds up, because a timer that is set to a part of a millisecond fires too early.
    if (first === null) this.#isTimerSet = false;
    else this.#setTimer(Math.ceil(first.deadlineAt - now));
  }
}
