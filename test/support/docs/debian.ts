import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { downloadPath, fetchInto, Missing } from './downloads.ts';

/** Downloads a package as any user, and reads the package lists first if they are missing. */
const DOWNLOAD = 'apt-get download "$0" || { apt-get update -qq && apt-get download "$0"; }';

/**
 * Returns the path of a program: the installed one, or else the one of a Debian package, which is downloaded and
 * unpacked, but not installed.
 * @param path path of the program in the package
 * @throws Missing if there is neither
 */
export function debianProgram(name: string, path: string): string {
  const program = path.split('/').at(-1) ?? '';
  const installed = spawnSync('sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8' }).stdout.trim();
  if (installed !== '') return installed;
  const place = downloadPath(`debian-${name}`);
  try {
    fetchInto(place, [
      () => ['sh', '-c', DOWNLOAD, name],
      () => ['sh', '-c', 'dpkg-deb --extract ./*.deb . && rm ./*.deb'],
    ]);
  } catch (error) {
    throw new Missing(`${program} is not installed, and can't be downloaded: ${(error as Error).message}`);
  }
  return join(place, path);
}
