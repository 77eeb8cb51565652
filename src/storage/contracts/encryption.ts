import type { Change } from '../../domain/audit.ts';
import type { Cursor } from './page.ts';

export interface ResealStep {
  /** Number of webhooks whose credentials this step encrypted again. */
  readonly resealed: number;
  /** `null`: the round is complete. */
  readonly after: Cursor | null;
}

/** Changes the encryption key of stored data. During the change, a row may be encrypted with the old or the new key. */
export interface EncryptionStore {
  /**
   * Takes the next `limit` webhooks, from the place where the previous step ended (`after`; `null` begins a round),
   * and encrypts with the current key the credentials that are encrypted with another. It skips webhooks that need no
   * change.
   */
  reseal(request: { readonly after: Cursor | null; readonly limit: number }): Promise<ResealStep>;
  /**
   * Forgets every key but the current one, so that the storage opens without the others. This ends a rotation, and the
   * rotation is recorded if a key was forgotten.
   * @returns the ids of the forgotten keys, or null when something is still encrypted with one of them
   */
  retireKeys(change: Change): Promise<string[] | null>;
}
