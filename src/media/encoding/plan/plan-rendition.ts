import {
  isAudioPreset,
  type MediaType,
  MIN_SEGMENT_DURATION,
  type QualityRequest,
  SHORT_SIDE,
} from '../../../domain/media.ts';
import {
  type AudioStream,
  MAX_OUTPUT_FRAME_RATE,
  type Probe,
  type VideoStream,
} from '../source/probe-report.ts';
import { ladderAudioBitrate, ladderSoundBitrate, ladderVideoBitrate, rungOf } from './bitrate-ladder.ts';
import type { AudioRendition, Rendition, VideoRendition } from './rendition.ts';
import { segmentFormatOf } from './segment-format.ts';
import { mixOf } from './sound-mix.ts';
import { encodedFrameRate, planTimeline } from './timeline.ts';

/** Sample rates in hertz that every player accepts. Sound with another sample rate is resampled to 48 kHz. */
const SAMPLE_RATES = [44_100, 48_000];
/**
 * Maximum number of segments of a quality. Each segment is a file, and an account can have many media. A day
 * has this number of segments of four seconds, which is the default.
 */
const MAX_SEGMENTS = 21_600;

/**
 * Plans how a requested quality is encoded. If the quality is larger than the source, the picture keeps the
 * size of the source, because enlarging a picture adds nothing. The quality is not left out, because each
 * requested quality must have its event `partial.finished`.
 */
export function planRendition(
  quality: QualityRequest,
  probe: Probe,
  mediaType: MediaType,
  segmentDuration: number,
): Rendition {
  const { resolution } = quality;
  const video =
    mediaType === 'video' && probe.video && !isAudioPreset(resolution)
      ? planVideo(quality, probe.video, SHORT_SIDE[resolution])
      : null;
  const shown = mediaType === 'video' ? probe.video : null;
  const grid = shown && { frameRate: pictureRate(shown), isEncoded: video !== null };
  const audioBitrate = video
    ? ladderAudioBitrate(rungOf(Math.min(video.width, video.height)))
    : ladderSoundBitrate(resolution);
  return {
    type: quality.type,
    segmentFormat: segmentFormatOf(quality, video, probe.durationSeconds),
    segmentSeconds: (video ? segmentSeconds : soundSegmentSeconds)(segmentDuration, probe.durationSeconds),
    timeline: planTimeline(probe, grid),
    video,
    audio: probe.audio ? planAudio(quality, probe.audio, audioBitrate) : null,
  };
}

/**
 * Returns the duration of a segment in seconds. The segments of very long media are longer than requested, so
 * that a quality never has more than `MAX_SEGMENTS`.
 */
function segmentSeconds(requested: number, durationSeconds: number): number {
  const needed = durationSeconds / MAX_SEGMENTS;
  return Math.max(requested, MIN_SEGMENT_DURATION, needed > requested ? Math.ceil(needed) : 0);
}

/** Seconds that encoded sound is longer than planned, at most: frames of 1024 samples before it and at its end. */
const SOUND_EXCESS = 0.05;

/**
 * Returns the duration of a segment of sound alone in seconds, which is near to that of other segments. All segments
 * are equally long, because hls.js does not play a last segment of a frame or two to its end.
 */
function soundSegmentSeconds(requested: number, durationSeconds: number): number {
  const count = Math.max(1, Math.round(durationSeconds / segmentSeconds(requested, durationSeconds)));
  return (durationSeconds + SOUND_EXCESS) / count;
}

/** Returns the number of pictures per second of each quality of a video. */
function pictureRate({ interlaced, frameRate }: VideoStream): number {
  return encodedFrameRate(interlaced ? fieldRate(frameRate) : frameRate);
}

function planVideo(quality: QualityRequest, source: VideoStream, target: number): VideoRendition {
  const { width, height } = fitShortSide(source, target);
  const frameRate = pictureRate(source);
  const rungBitrate = ladderVideoBitrate(rungOf(Math.min(width, height)), quality.videoCodec, frameRate);
  return {
    stream: source.stream,
    codec: quality.videoCodec,
    width,
    height,
    frameRate,
    deinterlace: source.interlaced,
    frame: source.frame,
    bitrate: planBitrate(quality, rungBitrate, Math.min(source.width, source.height) < target),
  };
}

/**
 * Returns the number of pictures per second of an interlaced video: each field of a frame becomes a picture, as a
 * television shows it.
 */
function fieldRate(frameRate: number): number {
  return frameRate * 2 <= MAX_OUTPUT_FRAME_RATE ? frameRate * 2 : frameRate;
}

/**
 * Returns the bitrate of a video. If the source is smaller than the requested quality (`isCapped`), the
 * result is at most `rungBitrate`, the bitrate of the bitrate ladder for the encoded picture. The reason is
 * that the account chose the requested bitrate for a larger picture.
 */
function planBitrate(
  { videoBitrate }: QualityRequest,
  rungBitrate: number,
  isCapped: boolean,
): VideoRendition['bitrate'] {
  if (videoBitrate === null) return { kind: 'peak', bitsPerSecond: rungBitrate };
  return { kind: 'mean', bitsPerSecond: isCapped ? Math.min(videoBitrate, rungBitrate) : videoBitrate };
}

function planAudio(
  { audioBitrate }: QualityRequest,
  source: AudioStream,
  ladderBitrate: number,
): AudioRendition {
  return {
    stream: source.stream,
    right: source.right ?? null,
    mix: mixOf(source),
    bitrate: audioBitrate ?? ladderBitrate,
    sampleRate: SAMPLE_RATES.includes(source.sampleRate) ? source.sampleRate : 48_000,
    language: source.language ?? null,
  };
}

/**
 * Returns the width and height of the encoded picture in pixels. The short side is `target` or the short side
 * of the source, whichever is smaller. A portrait picture stays portrait.
 */
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

/**
 * Rounds down to an even number, because 4:2:0 video stores one colour for each block of two by two pixels.
 */
function evenBelow(pixels: number): number {
  return Math.max(2, Math.floor(pixels / 2) * 2);
}

function evenNear(pixels: number): number {
  return Math.max(2, Math.round(pixels / 2) * 2);
}
