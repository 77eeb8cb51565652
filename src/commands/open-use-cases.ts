import { Accounts } from '../accounts/accounts.ts';
import { ApiKeys } from '../accounts/api-keys.ts';
import { cachesOfServers } from '../accounts/credential-cache.ts';
import { Passwords } from '../accounts/passwords.ts';
import { requireData } from '../data-folder/check.ts';
import { revocationFile } from '../data-folder/paths.ts';
import { type OpenedData, openStoredData } from '../service/open-data.ts';
import type { Terminal } from './terminal.ts';

export interface UseCases extends OpenedData {
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
}

/**
 * Opens the stored data, calls `work` with the use cases, and closes the data when `work` has ended. A server
 * is allowed to use the same data at the same time.
 */
export async function withUseCases(
  { config }: Terminal,
  work: (useCases: UseCases) => Promise<void>,
): Promise<void> {
  const inForce = config();
  requireData(inForce);
  const { storage, tokens } = await openStoredData(inForce);
  const parts = { credentials: cachesOfServers(revocationFile(inForce.dataDir)), now: Date.now };
  try {
    await work({
      storage,
      tokens,
      accounts: new Accounts({ ...parts, store: storage.accounts, passwords: new Passwords() }),
      // Through the command line, an operator is allowed to create any number of keys for an account. The
      // maximum applies only to keys that the account itself creates.
      apiKeys: new ApiKeys({ ...parts, store: storage.apiKeys, mostPerAccount: null }),
    });
  } finally {
    await storage.close();
  }
}
