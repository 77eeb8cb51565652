import { announceRevocation } from './revocation-watch.ts';

/**
 * Cache of accepted credentials. A use case that has revoked credentials notifies the cache, once the change is
 * durable. From then on, the cache must not return what was read from the database before the change.
 */
export interface CredentialCache {
  /**
   * Is called after an account was changed, because the change might have ended credentials of the account.
   */
  forgetAccount(id: string): void | Promise<void>;
  /** Is called after an API key was removed. */
  forgetApiKey(id: string): void | Promise<void>;
  /** Is called after a session in the web console was ended. */
  forgetSession(id: string): void | Promise<void>;
}

/**
 * Returns a credential cache without entries of its own. Each call of its methods notifies all running
 * servers through `file`. Each server then empties its own cache, because the notice does not say which
 * credential has ended.
 */
export function cachesOfServers(file: string): CredentialCache {
  const forgetAll = () => announceRevocation(file);
  return { forgetAccount: forgetAll, forgetApiKey: forgetAll, forgetSession: forgetAll };
}
