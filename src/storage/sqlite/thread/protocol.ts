import type { ErrorCode } from '../../../domain/errors.ts';
import type { SqliteOptions } from '../database.ts';
import type { StoreName } from './methods.ts';

/** Data with which a thread of the database is started. */
export interface ThreadTask {
  /** `writer`: the thread migrates the database, and commits. `reader`: the thread only reads. */
  readonly role: 'writer' | 'reader';
  readonly options: SqliteOptions;
}

/** A message to a thread of the database, which asks the thread to call one method of the storage. */
export interface Call {
  readonly id: number;
  /** Name of the store that has the method. `null`: the method belongs to `Storage` itself. */
  readonly store: StoreName | null;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A message from a thread of the database: the thread is ready, or the result of the call with this id. */
export type Message = 'open' | Answer;

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: PortableError };

/** The part of an error that can be sent to another thread. */
export interface PortableError {
  /** `null`: the error is not a `ServiceError`. */
  readonly code: ErrorCode | null;
  readonly message: string;
  /** Message of the error's cause, for the log. `null`: there is no cause. */
  readonly cause: string | null;
  /** Number of seconds after which the caller should try again. `null`: the error does not say when. */
  readonly retryAfterS: number | null;
}
