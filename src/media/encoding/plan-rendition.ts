import {
  type MediaType,
  type QualityRequest,
  type Resolution,
  SHORT_SIDE,
  type StreamType,
  type VideoCodec,
} from '../../domain/media.ts';
import { ladderAudioBitrate, ladderVideoBitrate, rungOf } from './bitrate-ladder.ts';
import type { AudioStream, Probe, VideoStream } from './ffmpeg/probe-report.ts';

/** What one quality becomes of one file: all that the encoder's arguments depend on. */
export interface Rendition {
  readonly type: StreamType;
  readonly segmentFormat: 'mpegts' | 'fmp4';
  readonly segmentSeconds: number;
  /** Null: sound alone. */
  readonly video: VideoRendition | null;
  /** Null: without sound. Both null: the file has nothing of what the media is. */
  readonly audio: AudioRendition | null;
}

export interface VideoRendition {
  readonly stream: number;
  readonly codec: VideoCodec;
  /** Pixels, even. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly deinterlace: boolean;
  /** Bits per second: the mean where the account asked for one, else only the peak and a constant quality below. */
  readonly bitrate: { readonly kind: 'mean' | 'peak'; readonly bitsPerSecond: number };
}

export interface AudioRendition {
  readonly stream: number;
  readonly bitrate: number;
  /** Hertz. */
  readonly sampleRate: number;
}

/** Sample rates that every player takes; others are resampled to the second. */
const SAMPLE_RATES = [44_100, 48_000];

/**
 * A quality above the source is encoded at the source's size, and not left out: each quality that was asked for
 * has its `partial.finished`, and a picture made larger holds nothing more.
 */
export function planRendition(
  quality: QualityRequest,
  probe: Probe,
  mediaType: MediaType,
  segmentDuration: number,
): Rendition {
  const video = mediaType === 'video' && probe.video ? planVideo(quality, probe.video) : null;
  const rung = video ? rungOf(Math.min(video.width, video.height)) : quality.resolution;
  return {
    type: quality.type,
    segmentFormat: quality.type === 'hls' && quality.containerType === 'mpegts' ? 'mpegts' : 'fmp4',
    segmentSeconds: segmentDuration,
    video,
    audio: probe.audio ? planAudio(quality, probe.audio, rung) : null,
  };
}

function planVideo(quality: QualityRequest, source: VideoStream): VideoRendition {
  const target = SHORT_SIDE[quality.resolution];
  const { width, height } = fitShortSide(source, target);
  const rungBitrate = ladderVideoBitrate(
    rungOf(Math.min(width, height)),
    quality.videoCodec,
    source.frameRate,
  );
  return {
    stream: source.stream,
    codec: quality.videoCodec,
    width,
    height,
    frameRate: source.frameRate,
    deinterlace: source.interlaced,
    bitrate: planBitrate(quality, rungBitrate, Math.min(source.width, source.height) < target),
  };
}

/** What was asked for a larger picture is too much for the one that there is. */
function planBitrate(
  { videoBitrate }: QualityRequest,
  rungBitrate: number,
  isCapped: boolean,
): VideoRendition['bitrate'] {
  if (videoBitrate === null) return { kind: 'peak', bitsPerSecond: rungBitrate };
  return { kind: 'mean', bitsPerSecond: isCapped ? Math.min(videoBitrate, rungBitrate) : videoBitrate };
}

function planAudio({ audioBitrate }: QualityRequest, source: AudioStream, rung: Resolution): AudioRendition {
  return {
    stream: source.stream,
    bitrate: audioBitrate ?? ladderAudioBitrate(rung),
    sampleRate: SAMPLE_RATES.includes(source.sampleRate) ? source.sampleRate : 48_000,
  };
}

/** The picture whose short side is `target` or the source's, whichever is less; portrait stays portrait. */
export function fitShortSide(
  source: { readonly width: number; readonly height: number },
  target: number,
): { width: number; height: number } {
  const [short, long] = [Math.min(source.width, source.height), Math.max(source.width, source.height)];
  const fittedShort = evenBelow(Math.min(short, target));
  const fittedLong = Math.min(evenNear((long * fittedShort) / short), evenBelow(long));
  return source.width >= source.height
    ? { width: fittedLong, height: fittedShort }
    : { width: fittedShort, height: fittedLong };
}

/** 4:2:0 colour is stored for two by two pixels. */
function evenBelow(pixels: number): number {
  return Math.max(2, Math.floor(pixels / 2) * 2);
}

function evenNear(pixels: number): number {
  return Math.max(2, Math.round(pixels / 2) * 2);
}
