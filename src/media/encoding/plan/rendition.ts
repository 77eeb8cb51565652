import type { StreamType, VideoCodec } from '../../../domain/media.ts';
import type { DecodedFrame } from '../source/decoded-frame.ts';
import type { SoundMix } from './sound-mix.ts';
import type { Timeline } from './timeline.ts';

/**
 * Plan of how one quality of a file is encoded. ffmpeg's arguments for the output are made from this plan.
 */
export interface Rendition {
  readonly type: StreamType;
  readonly segmentFormat: 'mpegts' | 'fmp4';
  readonly segmentSeconds: number;
  readonly timeline: Timeline;
  /** `null`: the rendition contains only sound. */
  readonly video: VideoRendition | null;
  /**
   * `null`: the rendition has no sound. If `video` is `null` too, the file has no stream that fits the
   * media's type.
   */
  readonly audio: AudioRendition | null;
}

export interface VideoRendition {
  /** Index of the stream in the file. */
  readonly stream: number;
  readonly codec: VideoCodec;
  /** Width in pixels. `width` and `height` are even numbers. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly deinterlace: boolean;
  /** Pictures of the source. */
  readonly frame: DecodedFrame;
  /**
   * Bits per second: the mean bitrate if the account requested a bitrate, otherwise the peak bitrate of an
   * encode of constant quality.
   */
  readonly bitrate: { readonly kind: 'mean' | 'peak'; readonly bitsPerSecond: number };
}

export interface AudioRendition {
  /** Index of the stream in the file. */
  readonly stream: number;
  /** Index of a second stream that is heard on the right, beside `stream` on the left; `null`: there is no such stream. */
  readonly right: number | null;
  readonly mix: SoundMix;
  /** Sound of one form that was made of a sound whose form changes. Left out: the sound of the file is encoded. */
  readonly converted?: ConvertedSound;
  /** Bits per second. */
  readonly bitrate: number;
  /** Hertz. */
  readonly sampleRate: number;
  /** Language as the file states it; `null`: the file states none. */
  readonly language: string | null;
}

/** File with a sound that has one sample rate and one layout, and the times of the file from which it was made. */
export interface ConvertedSound {
  readonly path: string;
  /** Time of its first sample in seconds. */
  readonly beginsAt: number;
}
