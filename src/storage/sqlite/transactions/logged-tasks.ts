/** The part of the journal that the transactions need. */
export interface TransactionLog {
  readonly bytes: number;
  append(text: string): void;
  restart(): void;
}

/** A change that the journal makes durable. */
export interface LoggedTask<T> {
  /** Changes the database. Must not be asynchronous. */
  readonly work: () => T;
  /** Returns what the journal must contain of the change, as JSON. Is called after `work`. */
  readonly entry: () => string;
  /**
   * Repeats the change in the state of the database in which `work` began. It gets only the entry, so that the objects
   * of `work` are not kept until SQLite commits: objects that live for 250 ms cost V8 far more than a text does.
   */
  readonly repeat: (entry: string) => void;
}

/** A task that was carried out, and that SQLite has not committed. */
export interface DoneTask {
  readonly work: () => unknown;
  /** Functions that make a logged task durable. `null`: the task is not logged. */
  readonly logged: Pick<LoggedTask<unknown>, 'entry' | 'repeat'> | null;
}

/** Number of bytes in the journal at which SQLite commits, so that the journal stays short. */
export const MAX_JOURNAL_BYTES = 4 * 1024 * 1024;

/**
 * Appends the entries of the tasks that are logged. Returns functions that repeat the tasks; `null` if the journal can't
 * be written. SQLite is then to commit the tasks.
 */
export function appendTasks(log: TransactionLog, done: readonly DoneTask[]): (() => unknown)[] | null {
  const entries: string[] = [];
  const repeats = done.map(({ work, logged }) => {
    if (!logged) return work;
    const { repeat } = logged;
    const entry = logged.entry();
    entries.push(entry);
    const kept = Buffer.from(entry);
    return () => repeat(kept.toString());
  });
  if (entries.length === 0) return repeats;
  if (log.bytes > 4 * MAX_JOURNAL_BYTES) return null;
  try {
    log.append(`[${entries.join(',')}]`);
    return repeats;
  } catch {
    return null;
  }
}
