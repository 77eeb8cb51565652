import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brokenDashRules } from './dash-rules.ts';
import { brokenHlsRules } from './hls-rules.ts';

/**
 * Asserts that the playlists and manifests of a media follow RFC 8216 and ISO/IEC 23009-1, as we read them.
 * @param publicDir folder of the files that are served
 */
export async function assertPlaylists(publicDir: string): Promise<void> {
  assert.deepEqual(await brokenPlaylistRules(publicDir), []);
}

/** Returns the rules that the playlists and manifests of a media break, with the sections of the specifications. */
export async function brokenPlaylistRules(publicDir: string): Promise<string[]> {
  const master = join(publicDir, 'hls', 'master.m3u8');
  const manifest = join(publicDir, 'dash', 'manifest.mpd');
  const found = [master, manifest].filter((file) => existsSync(file));
  assert.notEqual(found.length, 0, `${publicDir} has neither a master playlist nor a manifest`);
  return [
    ...(found.includes(master) ? await brokenHlsRules(master) : []),
    ...(found.includes(manifest) ? await brokenDashRules(manifest) : []),
  ];
}

/** Asserts the same of every media below a folder that has playlists. Returns the number of these media. */
export async function assertAllPlaylists(folder: string): Promise<number> {
  const entries = globSync(['**/public/hls/master.m3u8', '**/public/dash/manifest.mpd'], { cwd: folder });
  const media = new Set(entries.map((entry) => dirname(dirname(entry))));
  for (const publicDir of media) await assertPlaylists(join(folder, publicDir));
  return media.size;
}
