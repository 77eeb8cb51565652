import type { StreamType, VideoCodec } from '../../../domain/media.ts';

/** Plan of how one quality is made of one file: everything that ffmpeg's arguments depend on. */
export interface Rendition {
  readonly type: StreamType;
  readonly segmentFormat: 'mpegts' | 'fmp4';
  readonly segmentSeconds: number;
  /** `null`: the rendition is sound alone. */
  readonly video: VideoRendition | null;
  /** `null`: the rendition has no sound. If `video` is `null` too, the file has nothing that fits the media's type. */
  readonly audio: AudioRendition | null;
}

export interface VideoRendition {
  /** Index of the stream in the file. */
  readonly stream: number;
  readonly codec: VideoCodec;
  /** Pixels, an even number. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly deinterlace: boolean;
  /** Bits per second: the mean if the account asked for one, otherwise the peak of an encode of constant quality. */
  readonly bitrate: { readonly kind: 'mean' | 'peak'; readonly bitsPerSecond: number };
}

export interface AudioRendition {
  /** Index of the stream in the file. */
  readonly stream: number;
  /** Bits per second. */
  readonly bitrate: number;
  /** Hertz. */
  readonly sampleRate: number;
}
