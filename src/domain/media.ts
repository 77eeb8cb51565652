import type { Actor } from './audit.ts';

/**
 * A media is one received file and the renditions that are made of it.
 *
 *   new ── the first encode starts ──▶ transcoding ── every quality is done ──────────▶ done
 *    │                                     │       └─ one failed, the rest have ended ─▶ fail
 *    └──────────── deleted ◀───────────────┴──────────────── from any state
 *
 * A quality: waiting ──▶ transcoding ──▶ done | fail. After a restart, `transcoding` qualities are encoded
 * again.
 * If a change of state has an event, both are committed in the same transaction (`EventStore.commit`).
 */
export const MEDIA_STATUSES = ['new', 'transcoding', 'done', 'fail', 'deleted'] as const;
export type MediaStatus = (typeof MEDIA_STATUSES)[number];

export const QUALITY_STATUSES = ['waiting', 'transcoding', 'done', 'fail'] as const;
export type QualityStatus = (typeof QUALITY_STATUSES)[number];

export const MEDIA_TYPES = ['video', 'audio'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** Length of the shorter side of the picture, in pixels, for each resolution. */
export const SHORT_SIDE = {
  '144p': 144,
  '240p': 240,
  '360p': 360,
  '480p': 480,
  '720p': 720,
  '1080p': 1080,
  '1440p': 1440,
  '2160p': 2160,
  '4320p': 4320,
} as const;
export type Resolution = keyof typeof SHORT_SIDE;
export const RESOLUTIONS = Object.keys(SHORT_SIDE) as readonly Resolution[];

/** Names of the qualities of sound without a picture, from the lowest bitrate to the highest. */
export const AUDIO_PRESETS = ['standard', 'good', 'highest', 'lossless'] as const;
export type AudioPreset = (typeof AUDIO_PRESETS)[number];

/** Names of qualities, in the order in which events list them. */
export const QUALITY_NAMES = [...AUDIO_PRESETS, ...RESOLUTIONS] as const;
export type QualityName = (typeof QUALITY_NAMES)[number];

/** Qualities that a media of each type gets if the client requests none. */
export const DEFAULT_QUALITIES = {
  video: ['1080p', '720p', '360p'],
  audio: ['highest', 'good', 'standard'],
} as const satisfies Record<MediaType, readonly QualityName[]>;

/**
 * Default duration of a segment in seconds. With segments this short, HLS players start fast and switch
 * quality smoothly.
 */
export const DEFAULT_SEGMENT_DURATION = 4;
/**
 * Minimum duration of a segment in seconds. Each segment is a file, and a media with shorter segments would
 * consist of a file for every few frames.
 */
export const MIN_SEGMENT_DURATION = 1;
export const MAX_SEGMENT_DURATION = 60;

export const STREAM_TYPES = ['hls', 'dash'] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

export const CONTAINER_TYPES = ['mpegts', 'mp4', 'fmp4'] as const;
export type ContainerType = (typeof CONTAINER_TYPES)[number];

export const VIDEO_CODECS = ['h264', 'h265'] as const;
export type VideoCodec = (typeof VIDEO_CODECS)[number];

export const AUDIO_CODECS = ['aac'] as const;
export type AudioCodec = (typeof AUDIO_CODECS)[number];

/** A quality as the client requested it. */
export interface QualityRequest {
  /** Resolution of the picture, or audio preset. The field has the name that the API gives it. */
  readonly resolution: QualityName;
  readonly type: StreamType;
  /** Container of the segments. HLS: `mpegts` or `mp4`; DASH: always `fmp4`. */
  readonly containerType: ContainerType;
  readonly videoCodec: VideoCodec;
  /**
   * Bits per second. `null`: the value comes from the bitrate ladder, a table of bitrates by picture size.
   */
  readonly videoBitrate: number | null;
  readonly audioCodec: AudioCodec;
  /**
   * Bits per second. `null`: the value comes from the bitrate ladder, a table of bitrates by picture size.
   */
  readonly audioBitrate: number | null;
}

/** Returns a request for a quality with the default settings. */
export function requestOf(resolution: QualityName): QualityRequest {
  return {
    resolution,
    type: 'hls',
    containerType: 'mpegts',
    videoCodec: 'h264',
    videoBitrate: null,
    audioCodec: 'aac',
    audioBitrate: null,
  };
}

/** A quality as the client requested it, and its progress. */
export interface Quality extends QualityRequest {
  /**
   * Index of the quality in the client's request, from 0. The index identifies the quality within its media.
   */
  readonly position: number;
  readonly status: QualityStatus;
}

export interface MetadataEntry {
  readonly key: string;
  readonly value: string;
}

export interface Media {
  readonly id: string;
  readonly userId: string;
  readonly title: string;
  readonly description: string;
  readonly type: MediaType;
  readonly status: MediaStatus;
  readonly qualities: readonly Quality[];
  readonly isPublic: boolean;
  /** Whether an MP4 file for download is made from the best quality. */
  readonly isMp4: boolean;
  readonly tags: readonly string[];
  readonly metadata: readonly MetadataEntry[];
  /** Target duration of a segment, in seconds. */
  readonly segmentDuration: number;
  /**
   * Whether the client requested no qualities, so that the qualities of `DEFAULT_QUALITIES` were chosen by the
   * type of the media.
   */
  readonly hasDefaultQualities: boolean;
  /** Duration of the media in seconds; 0 until ffprobe has read the file. */
  readonly duration: number;
  /** Size of the received file in bytes; 0 until the upload is complete. */
  readonly size: number;
  /**
   * Number of bytes that count against the account's storage limit. During an upload, this is the number of
   * bytes that are reserved for the upload.
   */
  readonly keptBytes: number;
  /** Reason why encoding failed. `null`: encoding has not failed. */
  readonly error: string | null;
  /**
   * Whole sentences about what of the file was left out or changed, and why; empty until ffprobe has read the
   * file.
   */
  readonly notes: readonly string[];
  /** Whether the account has uploaded a thumbnail, which replaces the thumbnail that encoding has made. */
  readonly hasThumbnail: boolean;
  /**
   * Whether encoding made a thumbnail. Encoding makes no thumbnail of audio, and can't make one of some
   * damaged videos.
   */
  readonly hasTakenThumbnail: boolean;
  /**
   * When the upload was completed, in milliseconds since the epoch (like all times of a media). `null`: the
   * upload is not complete.
   */
  readonly receivedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface MediaChanges {
  readonly title?: string;
  readonly description?: string;
  readonly isPublic?: boolean;
  readonly tags?: readonly string[];
  readonly metadata?: readonly MetadataEntry[];
}

/**
 * A step is a change of a media's state that has an event. The storage makes the change only if the media is
 * in the state from which the step starts. Otherwise the storage refuses the step, and the event is not
 * emitted.
 */
export type MediaStep =
  /**
   * The upload of a `new` media is complete. `by` is the actor for the audit log; `null`: no audit record is
   * written. If there is `audio`, the file turned out to be sound: the media gets the type `audio`, and these
   * qualities instead of its own.
   */
  | {
      readonly kind: 'received';
      readonly mediaId: string;
      readonly size: number;
      readonly by: Actor | null;
      readonly audio?: readonly QualityRequest[];
    }
  /** The status of the media changes from `new` to `transcoding`. The upload must be complete. */
  | { readonly kind: 'started'; readonly mediaId: string }
  /**
   * The status of one quality changes from `transcoding` to `done`. The status of the media must be
   * `transcoding`, and does not change.
   */
  | { readonly kind: 'quality-done'; readonly mediaId: string; readonly position: number }
  /** The status of the media changes from `transcoding` to `done`. */
  | { readonly kind: 'finished'; readonly mediaId: string }
  /** The status of the media changes from `transcoding` to `fail`. */
  | { readonly kind: 'failed'; readonly mediaId: string; readonly reason: string };

/**
 * Returns the names of qualities as the body of an event lists them: each name once, smallest resolution
 * first.
 */
export function qualityNames(qualities: readonly QualityRequest[]): QualityName[] {
  const names = new Set(qualities.map((quality) => quality.resolution));
  return QUALITY_NAMES.filter((name) => names.has(name));
}

/** Returns whether a quality is one of sound without a picture. */
export function isAudioPreset(name: QualityName): name is AudioPreset {
  return (AUDIO_PRESETS as readonly string[]).includes(name);
}
