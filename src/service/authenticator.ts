import { Authenticator } from '../accounts/authenticator.ts';
import { IdentityProvider } from '../accounts/identity-provider.ts';
import { RevocationWatch } from '../accounts/revocation-watch.ts';
import type { Tokens } from '../accounts/tokens.ts';
import type { Config } from '../config/config.ts';
import { revocationFile } from '../data-folder/paths.ts';
import type { Stops } from '../platform/lifecycle.ts';
import type { SharedParts } from './shared-parts.ts';

/**
 * Starts the authenticator. Also starts a watch that empties the authenticator's cache when a command has
 * revoked credentials.
 */
export async function startAuthenticator(
  { identityProvider: provider, dataDir }: Config,
  {
    storage,
    now,
    clock,
    tokens,
  }: Pick<SharedParts, 'storage' | 'now' | 'clock'> & { readonly tokens: Tokens },
  stops: Stops,
): Promise<Authenticator> {
  // `null`: no identity provider is configured, and the API accepts only the service's own tokens.
  const identityProvider = provider && new IdentityProvider(provider);
  const authenticator = new Authenticator({
    storage,
    tokens,
    identityProvider,
    now,
    monotonicNow: clock.now,
  });
  const watch = new RevocationWatch(revocationFile(dataDir), () => authenticator.forgetAll());
  await watch.start();
  stops.push(() => watch.stop());
  return authenticator;
}
