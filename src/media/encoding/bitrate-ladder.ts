import { RESOLUTIONS, type Resolution, SHORT_SIDE, type VideoCodec } from '../../domain/media.ts';

/**
 * Bits per second at up to 30 frames per second, as peak: an easy picture takes less. H.264 near what Apple's HLS
 * authoring specification and the large platforms use; H.265 needs about three fifths of it for the same picture,
 * which the saving of 40 % in the JCT-VC comparisons bears out.
 */
const VIDEO_LADDER = {
  '144p': { h264: 200_000, h265: 120_000 },
  '240p': { h264: 400_000, h265: 240_000 },
  '360p': { h264: 800_000, h265: 500_000 },
  '480p': { h264: 1_400_000, h265: 850_000 },
  '720p': { h264: 2_800_000, h265: 1_700_000 },
  '1080p': { h264: 5_000_000, h265: 3_000_000 },
  '1440p': { h264: 9_000_000, h265: 5_500_000 },
  '2160p': { h264: 18_000_000, h265: 11_000_000 },
  '4320p': { h264: 50_000_000, h265: 30_000_000 },
} as const satisfies Record<Resolution, Record<VideoCodec, number>>;

/** Bits per second of stereo AAC. Where the picture is small, sound would be most of the stream. */
const AUDIO_LADDER = {
  '144p': 64_000,
  '240p': 64_000,
  '360p': 96_000,
  '480p': 128_000,
  '720p': 128_000,
  '1080p': 128_000,
  '1440p': 128_000,
  '2160p': 128_000,
  '4320p': 128_000,
} as const satisfies Record<Resolution, number>;

/** Twice the frames are not twice the bits, as they differ less. */
const HIGH_FRAME_RATE = 32;
const HIGH_FRAME_RATE_FACTOR = 1.5;

/** The smallest resolution that holds a picture of this short side, in pixels. */
export function rungOf(shortSide: number): Resolution {
  return RESOLUTIONS.find((resolution) => SHORT_SIDE[resolution] >= shortSide) ?? '4320p';
}

export function ladderVideoBitrate(rung: Resolution, codec: VideoCodec, frameRate: number): number {
  const factor = frameRate > HIGH_FRAME_RATE ? HIGH_FRAME_RATE_FACTOR : 1;
  return Math.round(VIDEO_LADDER[rung][codec] * factor);
}

export function ladderAudioBitrate(rung: Resolution): number {
  return AUDIO_LADDER[rung];
}
