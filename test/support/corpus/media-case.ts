import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenPlaylistRules } from '../../../src/media/encoding/testing/playlist-rules/assert-playlists.ts';
import { publicDir } from '../../../src/media/files/media-files.ts';
import type { MediaCase, Refusal } from './definition.ts';
import { differencesOfFacts, differencesOfOutput } from './differences.ts';
import { encodeSource } from './encode-source.ts';
import { makeSource } from './make-source.ts';
import { outputsOf } from './measure/outputs.ts';
import { play } from './measure/play.ts';
import { serviceCapabilities } from './programs.ts';
import { differencesOfThumbnail } from './thumbnail.ts';

/** Registers the test of one case. `title` says in the present tense what a viewer gets. */
export function mediaCase(title: string, definition: MediaCase): void {
  test(title, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'mediahooks-case-'));
    try {
      await check(definition, dir);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
}

async function check(definition: MediaCase, dir: string): Promise<void> {
  const { source, request = {} } = definition;
  const file = await makeSource(source, dir);
  const expect = (await lackOf(definition)) ?? definition.expect;
  const thumbnail = 'thumbnail' in expect && expect.thumbnail !== undefined;
  const isSound = !('fails' in expect) && expect.picture === undefined;
  const wishes = { type: isSound ? 'audio' : 'video', thumbnail, ...request } as const;
  const encoded = await encodeSource(file, wishes, dir);
  if ('fails' in expect) {
    assert.match(typeof encoded === 'string' ? encoded : 'the media did not fail', expect.fails);
    return;
  }
  assert.ok(typeof encoded !== 'string', String(encoded));

  const outputs = await outputsOf(encoded.mediaDir);
  const wanted = encoded.qualities.length + (request.mp4 ? 1 : 0);
  assert.equal(outputs.length, wanted, outputs.map(({ name }) => name).join(', '));
  const differences = differencesOfFacts(expect, encoded);
  differences.push(...(await brokenPlaylistRules(publicDir(encoded.mediaDir))));
  for (const output of outputs) {
    differences.push(...differencesOfOutput(expect, output, await play(output, dir)));
  }
  if (expect.thumbnail)
    differences.push(...(await differencesOfThumbnail(expect.thumbnail, encoded.mediaDir)));
  assert.deepEqual(differences, []);
}

/**
 * Returns what must happen instead if the service's build of ffmpeg lacks the components that the case needs: the
 * media fails, and its reason names the lack. `null`: the build lacks nothing of it.
 */
async function lackOf({ needs }: MediaCase): Promise<Refusal | null> {
  if (needs === undefined) return null;
  const { lacks } = await serviceCapabilities();
  return needs.anyOf.every((name) => lacks(needs.kind, name)) ? { fails: needs.otherwise } : null;
}
