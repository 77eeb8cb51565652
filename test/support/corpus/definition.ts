import type { MediaType, QualityRequest } from '../../../src/domain/media.ts';
import type { ComponentKind } from '../../../src/media/encoding/ffmpeg/capabilities.ts';

/** One case of the corpus: a source, what is requested of it, and what a viewer must get. */
export interface MediaCase {
  readonly source: Source;
  readonly request?: MediaRequest;
  readonly expect: Expectation | Refusal;
  /** Components that not every build has. With a build that has none of them, the media must say so. */
  readonly needs?: Needs;
}

export interface Needs {
  readonly kind: ComponentKind;
  readonly anyOf: readonly string[];
  /** The media then fails with a reason that this matches. */
  readonly otherwise: RegExp;
}

/**
 * Instructions that make a source. `name` is its file name, because ffmpeg chooses the container by the extension. `args` are
 * ffmpeg's arguments before the name of the output file; `make` writes bytes that ffmpeg cannot write.
 */
export type Source =
  | { readonly name: string; readonly args: readonly string[] }
  | { readonly name: string; readonly make: (bench: Bench) => Promise<void> };

/** Tools for the function of a source. */
export interface Bench {
  /** Path at which the source must be. */
  readonly file: string;
  /** Directory for files from which the source is made. */
  readonly dir: string;
  /** Runs ffmpeg in `dir`. Rejects with ffmpeg's messages if it fails. */
  readonly ffmpeg: (...args: readonly string[]) => Promise<void>;
}

export interface MediaRequest {
  /** By default `audio` if nothing but sound is expected, otherwise `video`. */
  readonly type?: MediaType;
  /** By default one quality: 240p in HLS with transport streams. Missing fields are those of that quality. */
  readonly qualities?: readonly Partial<QualityRequest>[];
  /** Seconds; 1 by default. */
  readonly segmentDuration?: number;
  /** Whether the MP4 for download is made; it is measured as the qualities are. `false` by default. */
  readonly mp4?: boolean;
}

/** The media fails, and `fails` matches the reason that the account reads. */
export interface Refusal {
  readonly fails: RegExp;
}

/**
 * Properties that every quality must have, and the MP4 if it was requested. A picture or a sound that is not expected must not be
 * there. Times are seconds from the beginning of the media.
 */
export interface Expectation {
  /** Duration that the API states, and that each playlist, picture and sound has. */
  readonly seconds: number;
  readonly picture?: PictureExpectation;
  readonly sound?: SoundExpectation;
  /** Notes that the media has, each matched by one expression, in this order. By default there are no notes. */
  readonly notes?: readonly RegExp[];
  /** Properties of the thumbnail, which is made only if they are given. */
  readonly thumbnail?: Pick<PictureExpectation, 'size' | 'colours'>;
}

export interface PictureExpectation {
  /** Width and height, such as `426x240`. */
  readonly size?: string;
  /** Name that ffprobe gives to the codec; `h264` by default. */
  readonly codec?: string;
  /** Pictures a second on average, within one of a hundred. */
  readonly rate?: number;
  /** Number of pictures. */
  readonly count?: number;
  /** Number of pictures that differ from the one before, the first counted. */
  readonly changes?: number;
  readonly colours?: readonly ColourSample[];
  /** When the picture becomes white, which the flash of `clip` does. */
  readonly flash?: number;
}

/** Colour of one place of a picture. */
export interface ColourSample {
  /** Place as fractions of width and height, from the upper left corner. */
  readonly at: readonly [x: number, y: number];
  /** Seconds; 0.5 by default. Thumbnails have no time. */
  readonly time?: number;
  /** Red, green and blue from 0 to 255, as a player shows them. */
  readonly is: readonly [red: number, green: number, blue: number];
  /** Largest difference of each of the three; 12 by default. */
  readonly within?: number;
}

export interface SoundExpectation {
  /** Hertz. */
  readonly sampleRate?: number;
  readonly levels?: readonly LevelSample[];
  /** When the loud part begins, which is the beep of `clip`. */
  readonly beep?: number;
}

/** Loudness of a part of the sound. */
export interface LevelSample {
  readonly from: number;
  readonly to: number;
  /** RMS of the left and the right channel in dBFS; `-Infinity`: silence, that is, below -70 dBFS. */
  readonly dB: readonly [left: number, right: number];
  /** 1.5 dB by default. */
  readonly within?: number;
}
