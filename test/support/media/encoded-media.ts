import assert from 'node:assert/strict';
import type { MediaType, Quality } from '../../../src/domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../../src/domain/media-limits.ts';
import { sharedSegments } from '../../../src/domain/shared-segments.ts';
import { makeMp4 } from '../../../src/media/encoding/derived-files.ts';
import { encodeQuality } from '../../../src/media/encoding/encode-quality.ts';
import { shareQuality } from '../../../src/media/encoding/output/share-segments.ts';
import { probe } from '../../../src/media/encoding/source/probe.ts';
import type { Probe } from '../../../src/media/encoding/source/probe-report.ts';
import { FFMPEG, FFPROBE } from '../../../src/media/encoding/testing/sample-clips.ts';
import { writePlaylists } from '../../../src/media/encoding/write-playlists.ts';

const signal = new AbortController().signal;
const limits = DEFAULT_MEDIA_LIMITS;

export type QualityChoice = Partial<Omit<Quality, 'position' | 'status'>>;

/**
 * Encodes a file into qualities, writes the playlists, and makes the MP4 for download if `mp4`, as a job does.
 * Returns what was found in the file.
 */
export async function encodeMedia(
  source: string,
  {
    mediaDir,
    qualities,
    mp4 = false,
  }: { readonly mediaDir: string; readonly qualities: readonly QualityChoice[]; readonly mp4?: boolean },
): Promise<Probe> {
  const found = await probe(source, { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits });
  assert.ok(found.ok, `${source} cannot be probed`);
  const wanted = qualities.map((choice, position) => ({ ...DEFAULTS, position, ...choice }));
  const mediaType: MediaType = found.probe.video ? 'video' : 'audio';
  const dashOf = sharedSegments(wanted.map((quality) => ({ ...quality, status: 'waiting' })));
  for (const quality of wanted.filter(({ position }) => !dashOf.has(position))) {
    const outcome = await encodeQuality({
      ...{ mediaDir, source, signal, limits, quality, mediaType },
      probe: found.probe,
      segmentDuration: 1,
      ffmpegPath: FFMPEG,
      minFreeBytes: 0,
    });
    assert.deepEqual(outcome, { ok: true }, source);
  }
  for (const hls of wanted) {
    const dash = dashOf.get(hls.position);
    if (dash) assert.deepEqual(await shareQuality(mediaDir, { dash, hls }), { ok: true });
  }
  assert.deepEqual(await writePlaylists(mediaDir, wanted), { ok: true });
  if (mp4) {
    const options = { mediaDir, ffmpegPath: FFMPEG, signal, limits, minFreeBytes: 0 };
    assert.deepEqual(await makeMp4(wanted, options), { ok: true });
  }
  return found.probe;
}

const DEFAULTS = {
  resolution: '144p',
  type: 'hls',
  containerType: 'mpegts',
  videoCodec: 'h264',
  videoBitrate: null,
  audioCodec: 'aac',
  audioBitrate: null,
} as const satisfies Omit<Quality, 'position' | 'status'>;
