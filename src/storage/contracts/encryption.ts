import type { Change } from '../../domain/audit.ts';
import type { Cursor } from './page.ts';

export interface ResealStep {
  /** Number of webhooks whose credentials this step encrypted again. */
  readonly resealed: number;
  /** Value of `after` for the next step. `null`: all webhooks have been visited. */
  readonly after: Cursor | null;
}

/**
 * The rotation of the encryption key of stored data. During a rotation, some rows are encrypted with the old
 * key and some with the new key.
 */
export interface EncryptionStore {
  /**
   * Takes one step of a rotation: visits the next `limit` webhooks, and encrypts their credentials with the
   * current key. Webhooks whose credentials are already encrypted with the current key are not changed.
   * `after` is the value from the previous step; `null`: begin with the first webhook.
   */
  reseal(request: { readonly after: Cursor | null; readonly limit: number }): Promise<ResealStep>;
  /**
   * Ends a rotation: removes the ids of all keys except the current key from the database, so that the
   * storage can be opened without the other keys. The audit log records the rotation if a key was removed.
   * @returns the ids of the removed keys, or null when some data is still encrypted with a key other than the
   * current key
   */
  retireKeys(change: Change): Promise<string[] | null>;
}
