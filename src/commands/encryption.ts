import { requireData } from '../data-folder/check.ts';
import { addDataDirKey, dropOldDataDirKeys } from '../data-folder/encryption-keys.ts';
import { lockData } from '../data-folder/lock.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { openStoredData } from '../service/open-data.ts';
import type { EncryptionStore } from '../storage/contracts/encryption.ts';
import type { Terminal } from './terminal.ts';

/** Webhooks that are encrypted anew in one transaction. */
const STEP = 100;

/**
 * `encryption rotate`: encrypts everything with a new key: one of its own making in the data folder, or the first of
 * the operator's. The key before is kept until all is done, so that a repeat goes on from wherever this broke off.
 */
export async function rotateEncryption({ config, print }: Terminal): Promise<void> {
  const inForce = config();
  requireData(inForce);
  // A server that runs knows the old key alone.
  const unlock = lockData(inForce);
  try {
    const isOurs = inForce.encryptionKey === null;
    if (isOurs) await addDataDirKey(inForce.dataDir);
    const { storage } = await openStoredData(inForce);
    try {
      const { resealed, retired } = await resealAll(storage.encryption);
      if (isOurs) await dropOldDataDirKeys(inForce.dataDir);
      print(`the secrets of ${resealed} webhooks were encrypted anew`);
      for (const id of retired) print(`the key ${id} is not needed any more, except for older backups`);
      if (retired.length === 0 && !isOurs)
        print('one key was in use, and still is; to change it, set MEDIAHOOKS_ENCRYPTION_KEY to NEW,OLD');
    } finally {
      await storage.close();
    }
  } finally {
    unlock();
  }
}

async function resealAll(store: EncryptionStore): Promise<{ resealed: number; retired: string[] }> {
  let resealed = 0;
  let after: number | null = null;
  do {
    const step = await store.reseal({ after, limit: STEP });
    resealed += step.resealed;
    after = step.after;
  } while (after !== null);
  const retired = await store.retireKeys({ at: Date.now(), by: COMMAND_LINE });
  if (retired === null) throw new Error('something is still encrypted with another key');
  return { resealed, retired };
}
