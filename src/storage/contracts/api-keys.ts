import type { ApiKey, ApiKeyType } from '../../domain/account.ts';
import type { Actor, Change } from '../../domain/audit.ts';
import type { Page, PageRequest } from './page.ts';

export interface ApiKeyListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'name';
  readonly type: ApiKeyType | null;
}

export interface ApiKeyStore {
  /**
   * Creates an API key. Rejects with `ServiceError('limit_reached')` when the account already has `most` API
   * keys (`null`: no limit).
   */
  create(key: ApiKey, most: number | null, by: Actor | null): Promise<void>;
  list(userId: string, request: ApiKeyListRequest): Promise<Page<ApiKey>>;
  findByPublicKey(publicKey: string): Promise<ApiKey | null>;
  /** @returns false when the account has no such API key */
  rename(userId: string, id: string, name: string, change: Change): Promise<boolean>;
  /** @returns the deleted API key, or null when the account has no such API key */
  delete(userId: string, id: string, change: Change): Promise<ApiKey | null>;
  /** Stores for each of the given API keys when it was last used. */
  touch(uses: readonly { id: string; at: number }[]): Promise<void>;
}
