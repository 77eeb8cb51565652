import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { downloadPath, fetchInto } from '../docs/downloads.ts';

/**
 * Packages of the players, and of the library that drives the browser. They are downloaded when a test needs them, and
 * not by `script/bootstrap`: they take 260 MiB, and only these tests use them.
 */
const PACKAGES = ['dashjs@5.2.1', 'hls.js@1.7.4', 'playwright-core@1.65.1', 'shaka-player@5.2.12'];
const PLACE = downloadPath(`players-${PACKAGES.join('-')}`);
/** A package that has no types and no scripts, for `npm install` to install into. */
const MANIFEST = '{"private":true}';

/** Downloads the packages. @throws Missing if this machine can't have them */
export function fetchPlayers(): void {
  fetchInto(PLACE, [
    () => ['node', '-e', `fs.writeFileSync('package.json', ${JSON.stringify(MANIFEST)})`],
    () => ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...PACKAGES],
  ]);
}

/** Returns the path of a file in one of the packages. */
export function playersFile(path: string): string {
  return join(PLACE, 'node_modules', path);
}

/** Imports a module of one of the packages. */
export function importFromPlayers(path: string): Promise<unknown> {
  return import(pathToFileURL(playersFile(path)).href);
}
