import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { whyIncomplete } from './disk-guard.ts';
import { type Failure, UNDECODABLE } from './ffmpeg/failures.ts';
import { isWholeFile } from './ffmpeg/truncation.ts';
import type { TrackKind } from './output/finding.ts';
import { finishDash, missingFromManifest } from './output/finish-dash.ts';
import { finishHls } from './output/finish-hls.ts';
import type { Rendition } from './plan/rendition.ts';

/** Number of files that are checked at the same time. */
const CHECK_CONCURRENCY = 16;

/** Result of `finishRendition`. `missing`: tracks that were to be encoded, and of which nothing came. */
export type Finished = { readonly ok: true; readonly missing: readonly TrackKind[] } | Failure;

/**
 * Checks the files that a successful encode left in `scratch`, and writes the playlist or manifest of the
 * quality. Writes nothing if a track is missing.
 */
export async function finishRendition(scratch: string, rendition: Rendition): Promise<Finished> {
  const names = await readdir(scratch);
  if (!names.some((name) => /\.(m3u8|mpd)$/.test(name))) return UNDECODABLE;
  // This comes before the check of the files, because the files of a missing track are empty.
  const missing = rendition.type === 'dash' ? await missingFromManifest(scratch, rendition) : [];
  if (missing.length > 0) return { ok: true, missing };
  if (!(await allWhole(scratch, names))) return whyIncomplete(scratch);
  const finding = await (rendition.type === 'hls' ? finishHls : finishDash)(scratch, rendition);
  if (finding.kind === 'unfinished') return whyIncomplete(scratch);
  return { ok: true, missing: finding.kind === 'empty' ? finding.missing : [] };
}

async function allWhole(scratch: string, names: readonly string[]): Promise<boolean> {
  for (let start = 0; start < names.length; start += CHECK_CONCURRENCY) {
    const batch = names.slice(start, start + CHECK_CONCURRENCY);
    const whole = await Promise.all(batch.map((name) => isWholeFile(join(scratch, name))));
    if (whole.includes(false)) return false;
  }
  return true;
}
