import { requireData } from '../data-folder/check.ts';
import { addDataDirKey, dropOldDataDirKeys } from '../data-folder/encryption-keys.ts';
import { lockData } from '../data-folder/lock.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { openStoredData } from '../service/open-data.ts';
import type { EncryptionStore } from '../storage/contracts/encryption.ts';
import type { Cursor } from '../storage/contracts/page.ts';
import type { Terminal } from './terminal.ts';

/** Number of webhooks whose secrets are encrypted again in one transaction. */
const STEP = 100;

/**
 * `encryption rotate`: encrypts all secrets in the database again with a new key. If the operator has set
 * keys, the new key is the first of them. Otherwise this command creates the new key in the data folder. The
 * old key is kept until all secrets are encrypted again, so that an interrupted rotation can be continued by
 * a second run.
 */
export async function rotateEncryption({ config, print }: Terminal): Promise<void> {
  const inForce = config();
  requireData(inForce);
  // The lock keeps servers from running during the rotation, because a running server would know only the old
  // key.
  const unlock = lockData(inForce);
  try {
    const isKeyInDataDir = inForce.encryptionKey === null;
    if (isKeyInDataDir) await addDataDirKey(inForce.dataDir);
    const { storage } = await openStoredData(inForce, { isLocked: true });
    try {
      const { resealed, retired } = await resealAll(storage.encryption);
      if (isKeyInDataDir) await dropOldDataDirKeys(inForce.dataDir);
      print(`the secrets of ${resealed} webhooks were encrypted with the new key`);
      for (const id of retired) print(`the key ${id} is now needed only to restore older backups`);
      if (retired.length === 0 && !isKeyInDataDir)
        print(
          'no key was replaced, because only one key was in use; to replace it, set MEDIAHOOKS_ENCRYPTION_KEY to NEW,OLD',
        );
    } finally {
      await storage.close();
    }
  } finally {
    unlock();
  }
}

async function resealAll(store: EncryptionStore): Promise<{ resealed: number; retired: string[] }> {
  let resealed = 0;
  let after: Cursor | null = null;
  do {
    const step = await store.reseal({ after, limit: STEP });
    resealed += step.resealed;
    after = step.after;
  } while (after !== null);
  const retired = await store.retireKeys({ at: Date.now(), by: COMMAND_LINE });
  if (retired === null)
    throw new Error('the rotation is incomplete: some secrets are still encrypted with an old key');
  return { resealed, retired };
}
