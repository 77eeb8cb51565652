import {
  type QualityName,
  RESOLUTIONS,
  type Resolution,
  SHORT_SIDE,
  type VideoCodec,
} from '../../../domain/media.ts';

/**
 * For each resolution and codec, the peak bitrate of video in bits per second, at up to 30 frames per second.
 * A simple picture takes less. The values for H.264 are close to those of Apple's HLS authoring specification
 * and of the large video platforms. H.265 needs about three fifths of the bits of H.264 for a picture that
 * looks the same: the JCT-VC comparisons found a saving of 40 %.
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

/**
 * For each resolution, the bitrate of stereo AAC beside a picture, in bits per second. Small resolutions get less, because
 * otherwise the sound would be the largest part of the stream.
 */
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

/**
 * For each quality of a media without a picture, the bitrate of stereo AAC in bits per second. All qualities
 * that are requested together differ, because players would have no use for two equal ones. `lossless` has the
 * highest bitrate that players are sure to accept: AAC is never without loss, but it is the only codec of the
 * API.
 */
const SOUND_LADDER = {
  standard: 128_000,
  good: 192_000,
  highest: 256_000,
  lossless: 320_000,
  '144p': 48_000,
  '240p': 64_000,
  '360p': 96_000,
  '480p': 128_000,
  '720p': 160_000,
  '1080p': 192_000,
  '1440p': 224_000,
  '2160p': 256_000,
  '4320p': 320_000,
} as const satisfies Record<QualityName, number>;

/** Frames per second above which a video has a high frame rate. */
const HIGH_FRAME_RATE = 32;
/**
 * Factor by which the video bitrate is multiplied at a high frame rate. The factor is less than 2 even if the
 * number of frames doubles, because consecutive frames then differ less.
 */
const HIGH_FRAME_RATE_FACTOR = 1.5;

/**
 * Returns the smallest resolution whose short side has at least `shortSide` pixels; `4320p` for larger
 * pictures.
 */
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

export function ladderSoundBitrate(name: QualityName): number {
  return SOUND_LADDER[name];
}
