import type { Change } from '../../domain/audit.ts';

export interface ResealStep {
  /** Webhooks that were encrypted anew. */
  readonly resealed: number;
  /** Null when the round is complete. */
  readonly after: number | null;
}

/** Encryption with another key than before. While it goes on, what is stored may be encrypted with either. */
export interface EncryptionStore {
  /**
   * Encrypts with the present key what is encrypted with another, of `limit` webhooks after the one that the step
   * before it ended with; null begins a round. What is done already is stepped over.
   */
  reseal(request: { readonly after: number | null; readonly limit: number }): Promise<ResealStep>;
  /**
   * Forgets all keys but the present one, so that the storage opens without them. That ends a rotation: it is
   * recorded, as of `now`, where a key was forgotten.
   * @returns their ids, or null when something is still encrypted with one
   */
  retireKeys(change: Change): Promise<string[] | null>;
}
