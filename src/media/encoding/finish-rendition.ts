import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DASH_MANIFEST, HLS_PLAYLIST, HLS_STREAM_INFO } from './command/encode-args.ts';
import { whyIncomplete } from './disk-guard.ts';
import { type Outcome, UNDECODABLE } from './ffmpeg/failures.ts';
import { isWholeFile } from './ffmpeg/truncation.ts';
import type { Rendition } from './plan/rendition.ts';

import { completeCodecs, hevcCodecOf } from './playlists/dash-manifest.ts';
import { completeStreamInf, streamInfIn } from './playlists/master-playlist.ts';
import { bandwidthOf, type PlaylistSegment, segmentsIn } from './playlists/segment-playlist.ts';

/** Number of files that are checked at the same time. */
const CHECK_CONCURRENCY = 16;

/**
 * Checks the files that a successful encode left in `scratch`, and completes the playlist or manifest with
 * the attributes that ffmpeg does not write.
 */
export async function finishRendition(scratch: string, rendition: Rendition): Promise<Outcome> {
  const names = await readdir(scratch);
  if (!names.some((name) => /\.(m3u8|mpd)$/.test(name))) return UNDECODABLE;
  if (await hasEmptyStream(scratch, rendition)) return UNDECODABLE;
  if (!(await allWhole(scratch, names))) return whyIncomplete(scratch);
  return rendition.type === 'hls' ? finishHls(scratch, rendition) : finishDash(scratch);
}

/**
 * Returns whether a DASH manifest lists a stream without segments. If ffmpeg cannot decode anything of a
 * stream, ffmpeg still lists the stream in the manifest, and leaves the files of the stream empty.
 */
async function hasEmptyStream(scratch: string, { type }: Rendition): Promise<boolean> {
  if (type !== 'dash') return false;
  const manifest = await readFile(join(scratch, DASH_MANIFEST), 'utf8');
  return manifest
    .split('<Representation ')
    .slice(1)
    .some((stream) => !stream.includes('<S '));
}

async function allWhole(scratch: string, names: readonly string[]): Promise<boolean> {
  for (let start = 0; start < names.length; start += CHECK_CONCURRENCY) {
    const batch = names.slice(start, start + CHECK_CONCURRENCY);
    const whole = await Promise.all(batch.map((name) => isWholeFile(join(scratch, name))));
    if (whole.includes(false)) return false;
  }
  return true;
}

async function finishHls(scratch: string, rendition: Rendition): Promise<Outcome> {
  const playlist = await readFile(join(scratch, HLS_PLAYLIST), 'utf8');
  if (!playlist.trimEnd().endsWith('#EXT-X-ENDLIST')) return whyIncomplete(scratch);
  const segments = segmentsIn(playlist);
  if (segments.length === 0) return UNDECODABLE;

  const streamInfoFile = join(scratch, HLS_STREAM_INFO);
  const streamInfo = await readFile(streamInfoFile, 'utf8');
  const streamInf = streamInfIn(streamInfo);
  if (streamInf === null) return UNDECODABLE;

  const completed = completeStreamInf(streamInf, {
    ...bandwidthOf(await withSizes(scratch, segments)),
    frameRate: rendition.video?.frameRate ?? null,
  });
  await writeFile(
    streamInfoFile,
    streamInfo.replace(streamInf, () => completed),
  );
  return { ok: true };
}

async function withSizes(scratch: string, segments: readonly PlaylistSegment[]) {
  const sized: { duration: number; bytes: number }[] = [];
  for (const { duration, uri } of segments) {
    sized.push({ duration, bytes: (await stat(join(scratch, uri))).size });
  }
  return sized;
}

async function finishDash(scratch: string): Promise<Outcome> {
  const file = join(scratch, DASH_MANIFEST);
  const manifest = await readFile(file, 'utf8');
  // If there is video, it is representation 0, because ffmpeg's arguments name the video before the sound.
  const hevcCodec = hevcCodecOf(await readFile(join(scratch, 'init-0.m4s')));
  if (hevcCodec !== null) await writeFile(file, completeCodecs(manifest, hevcCodec));
  return { ok: true };
}
