import { constants } from 'node:os';
import type { Manifest } from '../backup/manifest.ts';
import { checkBackup } from '../backup/restore-backup.ts';
import { lowerProcessPriority } from '../platform/process/priority.ts';
import { backUp, restore } from '../service/backups.ts';
import type { Terminal } from './terminal.ts';

const MIB = 1024 * 1024;
/** Maximum number of incomplete media whose ids are printed. */
const SHOWN_MEDIA = 5;

export interface BackupArguments {
  /** Whether media files are hard links. */
  readonly link: boolean;
  /** Whether the data folder's encryption key is in the backup. */
  readonly key: boolean;
}

/** `backup`: makes a backup of all data, and checks it, while the service may run. */
export async function backUpData(
  { config, print }: Terminal,
  dir: string,
  { link, key, version }: BackupArguments & { readonly version: string },
): Promise<void> {
  // The service must not become slower because its data is read.
  lowerProcessPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const began = performance.now();
  const manifest = await backUp(config(), { dir, linked: link, isWithoutKey: !key, version });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  print(`${dir}: ${sizeOf(manifest)}, the state of ${manifest.created_at}, in ${seconds} s`);
  if (!manifest.has_encryption_key)
    print('The encryption key is not in the backup. Without a copy of it, the secrets of webhooks are lost.');
  print('The settings, and the secrets that they name, are not in the backup.');
  const incomplete = manifest.incomplete_media;
  if (incomplete.length > 0)
    print(
      `Files of ${incomplete.length} media are missing in the data folder, too: ${incomplete.slice(0, SHOWN_MEDIA).join(', ')}`,
    );
}

/** `restore`: copies a backup into the empty data folder, or only checks it. */
export async function restoreData(
  { config, print }: Terminal,
  dir: string,
  { check }: { readonly check: boolean },
): Promise<void> {
  if (check) {
    const manifest = await checkBackup(dir);
    return print(`${dir}: whole, ${sizeOf(manifest)}, the state of ${manifest.created_at}`);
  }
  const inForce = config();
  const manifest = await restore(inForce, dir);
  print(`${inForce.dataDir}: ${sizeOf(manifest)}, the state of ${manifest.created_at}`);
  if (!manifest.has_encryption_key)
    print('The encryption key was not in the backup: put it in its place, or set it, before the start.');
}

function sizeOf({ files, bytes }: Manifest): string {
  return `${files} files, ${(bytes / MIB).toFixed(1)} MiB`;
}
