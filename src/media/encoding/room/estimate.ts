import type { Rendition } from '../plan/rendition.ts';

/** Factor by which encoders may exceed a bitrate in a short media, and by which fragments are larger than their samples. */
const EXCESS = 1.1;
/** Bytes that a transport stream adds to each picture, and to each frame of sound. */
const STREAM_BYTES_PER_FRAME = 120;
/** Frames of sound in a second, of 1024 samples each. */
const SOUND_FRAMES_PER_SECOND = 47;
/** Bytes of a segment that do not depend on its duration, and of its line in playlists. */
const SEGMENT_BYTES = 4_096;
/** Bytes of the thumbnail, of playlists, and of initial segments. No media needs less room. */
export const SMALL_FILES_BYTES = 2 * 1024 * 1024;

export interface OutputPlan {
  /** Qualities that are to be encoded. Those that use the files of others are left out. */
  readonly renditions: readonly Rendition[];
  readonly durationSeconds: number;
  /** Whether an MP4 for download is made of the best quality. */
  readonly isMp4: boolean;
}

/**
 * Estimates the bytes of all files that encoding makes of a media, rather too high than too low: pictures of constant
 * quality mostly take much less than their peak bitrate.
 */
export function estimateOutput({ renditions, durationSeconds, isMp4 }: OutputPlan): number {
  const sizes = renditions.map((rendition) => estimateRendition(rendition, durationSeconds));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return all + (isMp4 ? Math.max(0, ...sizes) : 0) + SMALL_FILES_BYTES;
}

function estimateRendition(
  { video, audio, segmentFormat, segmentSeconds }: Rendition,
  durationSeconds: number,
): number {
  const bits = (video ? video.bitrate.bitsPerSecond : 0) + (audio ? audio.bitrate : 0);
  const frames = (video ? video.frameRate : 0) + (audio ? SOUND_FRAMES_PER_SECOND : 0);
  const perSecond =
    (bits / 8) * EXCESS + (segmentFormat === 'mpegts' ? frames * STREAM_BYTES_PER_FRAME : frames * 16);
  const segments = Math.ceil(durationSeconds / segmentSeconds) * (video && audio ? 2 : 1);
  return Math.ceil(perSecond * durationSeconds) + segments * SEGMENT_BYTES;
}
