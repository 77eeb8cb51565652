import type { ErrorCode } from '../../../domain/errors.ts';
import type { Storage } from '../../contracts/storage.ts';

/** Names of the stores in `Storage`. */
export const STORE_NAMES = [
  'accounts',
  'apiKeys',
  'webhooks',
  'media',
  'events',
  'deliveries',
  'bulkResends',
  'queue',
  'retention',
  'encryption',
  'audit',
] as const satisfies readonly (keyof Storage)[];

export type StoreName = (typeof STORE_NAMES)[number];

/** A message to the database's thread, which asks the thread to call one method of the storage. */
export interface Call {
  readonly id: number;
  /** Name of the store that has the method. `null`: the method belongs to `Storage` itself. */
  readonly store: StoreName | null;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A message from the database's thread: the result of the call with this id. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: PortableError };

/** The part of an error that can be sent to another thread. */
export interface PortableError {
  /** `null`: the error is not a `ServiceError`. */
  readonly code: ErrorCode | null;
  readonly message: string;
}
