import type { QualityRequest } from '../../../domain/media.ts';
import type { Rendition, VideoRendition } from './rendition.ts';

/**
 * Minimum number of pictures in a transport stream. Chromium's own player reads nothing of one that has fewer than
 * eight, because it holds back the last seven until more follows.
 */
const MIN_PICTURES = 16;

/** Returns whether players play a video from a transport stream, at the number of pictures per second of its encode. */
export function fitsTransportStream(frameRate: number, durationSeconds: number): boolean {
  return frameRate * durationSeconds >= MIN_PICTURES;
}

/**
 * Returns the container of the segments. H.265 is always in fragmented MP4, also for a media that an older version
 * created, because HLS players do not take it in a transport stream. Video of very few pictures is, too.
 */
export function segmentFormatOf(
  { type, containerType }: QualityRequest,
  video: Pick<VideoRendition, 'codec' | 'frameRate'> | null,
  durationSeconds: number,
): Rendition['segmentFormat'] {
  if (type === 'dash' || containerType !== 'mpegts') return 'fmp4';
  if (video === null) return 'mpegts';
  return video.codec === 'h264' && fitsTransportStream(video.frameRate, durationSeconds) ? 'mpegts' : 'fmp4';
}
