import { announceRevocation } from './revocation-watch.ts';

/**
 * Cache of credentials that were found good. It is notified once a change that ends some of them is durable: it must
 * not answer from what it read before.
 */
export interface CredentialCache {
  /** Is called when an account was changed, so that its credentials may not be good any more. */
  forgetAccount(id: string): void | Promise<void>;
  /** Is called when an API key was removed. */
  forgetApiKey(id: string): void | Promise<void>;
}

/** Returns the caches of running servers, which watch `file`. They forget all credentials, whichever one has ended. */
export function cachesOfServers(file: string): CredentialCache {
  const forgetAll = () => announceRevocation(file);
  return { forgetAccount: forgetAll, forgetApiKey: forgetAll };
}
