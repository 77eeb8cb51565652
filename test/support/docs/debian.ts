import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
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
  const installed = installedProgram(program);
  if (installed !== null) return installed;
  return join(debianPackage(name), path);
}

/** Returns the folder of a Debian package, which is downloaded and unpacked, but not installed. @throws Missing if it can't be */
export function debianPackage(name: string): string {
  const place = downloadPath(`debian-${name}`);
  try {
    fetchInto(place, [
      () => ['sh', '-c', DOWNLOAD, name],
      () => ['sh', '-c', 'dpkg-deb --extract ./*.deb . && rm ./*.deb'],
    ]);
  } catch (error) {
    throw new Missing(`the package ${name} can't be downloaded: ${(error as Error).message}`);
  }
  return place;
}

/** Returns the path of an installed program; `null`: it is not installed. */
function installedProgram(program: string): string | null {
  return spawnSync('sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8' }).stdout.trim() || null;
}

const UNPACK_ALL = 'for package in ./*.deb; do dpkg-deb --extract "$package" .; rm "$package"; done';

/** Downloads a package with all packages that it depends on and that are not installed. */
const DOWNLOAD_ALL = `
  list() { apt-get install --simulate --no-install-recommends "$0" >simulated; }
  list || { apt-get update -qq && list; }
  sed -n 's/^Inst \\([^ ]*\\).*/\\1/p' simulated | xargs apt-get download`;

/**
 * Returns the path of a program with its environment: the installed one, or else the one of a Debian package. The
 * package is downloaded and unpacked with all packages that it depends on, but not installed.
 * @param path path of the program in the package
 * @throws Missing if there is neither
 */
export function debianProgramWithLibraries(
  name: string,
  path: string,
): { program: string; env: Record<string, string> } {
  const program = path.split('/').at(-1) ?? '';
  const installed = installedProgram(program) ?? (existsSync(`/${path}`) ? `/${path}` : null);
  if (installed !== null) return { program: installed, env: {} };
  const place = downloadPath(`debian-${name}`);
  try {
    fetchInto(place, [() => ['sh', '-ec', DOWNLOAD_ALL, name], () => ['sh', '-ec', UNPACK_ALL]]);
  } catch (error) {
    throw new Missing(`${program} is not installed, and can't be downloaded: ${(error as Error).message}`);
  }
  const libraries = globSync(['usr/lib/*-linux-gnu', 'lib/*-linux-gnu'], { cwd: place });
  const paths = libraries.map((folder) => join(place, folder)).join(':');
  return { program: join(place, path), env: { LD_LIBRARY_PATH: paths } };
}
