import type { ApiKey, ApiKeyType } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import { invalidField, notFound } from '../domain/errors.ts';
import type { ApiKeyListRequest, ApiKeyStore } from '../storage/contracts/api-keys.ts';
import type { Page } from '../storage/contracts/page.ts';
import type { CredentialCache } from './credential-cache.ts';
import { generateApiKey, LONGEST_KEY_TTL_S } from './secrets/api-key-secrets.ts';

export interface ApiKeysOptions {
  readonly store: ApiKeyStore;
  readonly credentials: CredentialCache;
  /** Maximum number of API keys of one account; `null`: no limit. */
  readonly mostPerAccount: number | null;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface WantedApiKey {
  readonly name: string;
  readonly type: ApiKeyType;
  /** Seconds until the key expires. 0: the key never expires. */
  readonly ttl: number;
}

/**
 * Use cases of API keys. A removal is stored first; then the credential cache is notified. If the storage
 * refuses the removal, the cache is not notified.
 */
export class ApiKeys {
  readonly #options: ApiKeysOptions;

  constructor(options: ApiKeysOptions) {
    this.#options = options;
  }

  list(userId: string, request: ApiKeyListRequest): Promise<Page<ApiKey>> {
    return this.#options.store.list(userId, request);
  }

  /**
   * Creates a key and returns it with its secret. The secret is not stored, so it can't be shown again.
   * @throws ServiceError `invalid_request` or `limit_reached`
   */
  async create(userId: string, wanted: WantedApiKey, by: Actor): Promise<{ key: ApiKey; secret: string }> {
    const { store, mostPerAccount, now } = this.#options;
    if (wanted.ttl > LONGEST_KEY_TTL_S)
      throw invalidField('ttl', `expected at most ${LONGEST_KEY_TTL_S} seconds`);
    const created = generateApiKey({ userId, ...wanted, now: now() });
    await store.create(created.key, mostPerAccount, by);
    return created;
  }

  /** @throws ServiceError `not_found` */
  async rename(userId: string, id: string, name: string, by: Actor): Promise<void> {
    const { store, now } = this.#options;
    if (!(await store.rename(userId, id, name, { at: now(), by }))) throw notFound('API key');
  }

  /**
   * Removes an API key of an account. Fulfils after the credential cache has been notified of the removal.
   * @throws ServiceError `not_found`
   */
  async remove(userId: string, id: string, by: Actor): Promise<void> {
    const { store, credentials, now } = this.#options;
    const removed = await store.delete(userId, id, { at: now(), by });
    if (!removed) throw notFound('API key');
    await credentials.forgetApiKey(removed.id);
  }

  /**
   * Removes the API key with this public key, of any account. The key is found by its public key, because a
   * leaked configuration contains the public key but not the key's id.
   * @throws ServiceError `not_found`
   */
  async revoke(publicKey: string, by: Actor): Promise<ApiKey> {
    const { store } = this.#options;
    const key = await store.findByPublicKey(publicKey);
    if (!key) throw notFound(`API key ${publicKey}`);
    await this.remove(key.userId, key.id, by);
    return key;
  }
}
