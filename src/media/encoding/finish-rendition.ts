import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { whyNotWhole } from './disk-guard.ts';
import { DASH_MANIFEST, HLS_PLAYLIST, HLS_STREAM_INFO } from './ffmpeg/args.ts';
import { type Outcome, UNDECODABLE } from './ffmpeg/failures.ts';
import { isWholeFile } from './ffmpeg/truncation.ts';
import type { Rendition } from './plan-rendition.ts';
import { completeCodecs, hevcCodecOf } from './playlists/dash-manifest.ts';
import { completeStreamInf, streamInfIn } from './playlists/master-playlist.ts';
import { bandwidthOf, type PlaylistSegment, segmentsIn } from './playlists/segment-playlist.ts';

/** Files looked at at once. */
const CHECK_CONCURRENCY = 16;

/**
 * Checks what an encode that ended well has left in `place`, and completes its playlist or manifest with what
 * ffmpeg leaves out.
 */
export async function finishRendition(place: string, rendition: Rendition): Promise<Outcome> {
  const names = await readdir(place);
  if (!names.some((name) => /\.(m3u8|mpd)$/.test(name))) return UNDECODABLE;
  if (await hasEmptyStream(place, rendition)) return UNDECODABLE;
  if (!(await allWhole(place, names))) return whyNotWhole(place);
  return rendition.type === 'hls' ? finishHls(place, rendition) : finishDash(place);
}

/** ffmpeg lists a stream of which it could decode nothing without segments, and leaves its files empty. */
async function hasEmptyStream(place: string, { type }: Rendition): Promise<boolean> {
  if (type !== 'dash') return false;
  const manifest = await readFile(join(place, DASH_MANIFEST), 'utf8');
  return manifest
    .split('<Representation ')
    .slice(1)
    .some((stream) => !stream.includes('<S '));
}

async function allWhole(place: string, names: readonly string[]): Promise<boolean> {
  for (let start = 0; start < names.length; start += CHECK_CONCURRENCY) {
    const batch = names.slice(start, start + CHECK_CONCURRENCY);
    const whole = await Promise.all(batch.map((name) => isWholeFile(join(place, name))));
    if (whole.includes(false)) return false;
  }
  return true;
}

async function finishHls(place: string, rendition: Rendition): Promise<Outcome> {
  const playlist = await readFile(join(place, HLS_PLAYLIST), 'utf8');
  if (!playlist.trimEnd().endsWith('#EXT-X-ENDLIST')) return whyNotWhole(place);
  const segments = segmentsIn(playlist);
  if (segments.length === 0) return UNDECODABLE;

  const streamInfoFile = join(place, HLS_STREAM_INFO);
  const streamInfo = await readFile(streamInfoFile, 'utf8');
  const streamInf = streamInfIn(streamInfo);
  if (streamInf === null) return UNDECODABLE;

  const completed = completeStreamInf(streamInf, {
    ...bandwidthOf(await withSizes(place, segments)),
    frameRate: rendition.video?.frameRate ?? null,
  });
  await writeFile(
    streamInfoFile,
    streamInfo.replace(streamInf, () => completed),
  );
  return { ok: true };
}

async function withSizes(place: string, segments: readonly PlaylistSegment[]) {
  const sized: { duration: number; bytes: number }[] = [];
  for (const { duration, uri } of segments) {
    sized.push({ duration, bytes: (await stat(join(place, uri))).size });
  }
  return sized;
}

async function finishDash(place: string): Promise<Outcome> {
  const file = join(place, DASH_MANIFEST);
  const manifest = await readFile(file, 'utf8');
  // Video comes first where there is any, so its init segment is that of representation 0.
  const hevcCodec = hevcCodecOf(await readFile(join(place, 'init-0.m4s')));
  if (hevcCodec !== null) await writeFile(file, completeCodecs(manifest, hevcCodec));
  return { ok: true };
}
