import type { Actor } from './audit.ts';

/**
 * A media is one received file and the renditions that are made of it.
 *
 *   new ── the first encode starts ──▶ transcoding ── every quality is done ──────────▶ done
 *    │                                     │       └─ one failed, the rest have ended ─▶ fail
 *    └──────────── deleted ◀───────────────┴──────────────── from any state
 *
 * A quality: waiting ──▶ transcoding ──▶ done | fail. A restart puts `transcoding` qualities to work again.
 * Each change that has an event is committed with it (`EventStore.commit`).
 */
export const MEDIA_STATUSES = ['new', 'transcoding', 'done', 'fail', 'deleted'] as const;
export type MediaStatus = (typeof MEDIA_STATUSES)[number];

export const QUALITY_STATUSES = ['waiting', 'transcoding', 'done', 'fail'] as const;
export type QualityStatus = (typeof QUALITY_STATUSES)[number];

export const MEDIA_TYPES = ['video', 'audio'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** The short side of each resolution's picture, in pixels. */
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

export const DEFAULT_RESOLUTIONS = ['1080p', '720p', '360p'] as const satisfies readonly Resolution[];

/** Default seconds of a segment: HLS players then start fast and switch quality smoothly. */
export const DEFAULT_SEGMENT_DURATION = 4;

export const STREAM_TYPES = ['hls', 'dash'] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

export const CONTAINER_TYPES = ['mpegts', 'mp4', 'fmp4'] as const;
export type ContainerType = (typeof CONTAINER_TYPES)[number];

export const VIDEO_CODECS = ['h264', 'h265'] as const;
export type VideoCodec = (typeof VIDEO_CODECS)[number];

export const AUDIO_CODECS = ['aac'] as const;
export type AudioCodec = (typeof AUDIO_CODECS)[number];

/** One rendition as it was asked for. */
export interface QualityRequest {
  readonly resolution: Resolution;
  readonly type: StreamType;
  /** How segments are packed. HLS: `mpegts` or `mp4`; DASH: always `fmp4`. */
  readonly containerType: ContainerType;
  readonly videoCodec: VideoCodec;
  /** Bits per second; null leaves it to the ladder. */
  readonly videoBitrate: number | null;
  readonly audioCodec: AudioCodec;
  /** Bits per second; null leaves it to the ladder. */
  readonly audioBitrate: number | null;
}

/** One rendition, as asked for and as far as it has come. */
export interface Quality extends QualityRequest {
  /** Its place in the request, from 0; names the quality within its media. */
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
  /** Whether an MP4 for download is made of the best quality. */
  readonly isMp4: boolean;
  readonly tags: readonly string[];
  readonly metadata: readonly MetadataEntry[];
  /** Seconds that a segment should last. */
  readonly segmentDuration: number;
  /** Seconds; 0 before the file was looked at. */
  readonly duration: number;
  /** Bytes of the received file; 0 before it is complete. */
  readonly size: number;
  /** Bytes that count against what its account may keep: of an upload under way, what it was let in for. */
  readonly keptBytes: number;
  /** Why encoding failed, in words; null otherwise. */
  readonly error: string | null;
  /** A picture that the account uploaded takes the place of the one made while encoding. */
  readonly hasThumbnail: boolean;
  /** Whether one was made while encoding: not of sound alone, and not of every damaged picture. */
  readonly hasTakenThumbnail: boolean;
  /** Milliseconds since the epoch, as are the others. Null until the upload was completed. */
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
 * A media's step forward that an event tells of. Each holds only from the state named beside it;
 * from any other it is refused and its event is not emitted.
 */
export type MediaStep =
  /** From `new`, not received yet. `by` completed the upload and is recorded; `null`: nothing is recorded. */
  | { readonly kind: 'received'; readonly mediaId: string; readonly size: number; readonly by: Actor | null }
  /** from `new`, received → `transcoding` */
  | { readonly kind: 'started'; readonly mediaId: string }
  /** the media and the quality `transcoding`; the quality → `done` */
  | { readonly kind: 'quality-done'; readonly mediaId: string; readonly position: number }
  /** from `transcoding` → `done` */
  | { readonly kind: 'finished'; readonly mediaId: string }
  /** from `transcoding` → `fail` */
  | { readonly kind: 'failed'; readonly mediaId: string; readonly reason: string };

/** Quality names as events list them: without repeats, smallest first. */
export function qualityNames(qualities: readonly QualityRequest[]): Resolution[] {
  const names = new Set(qualities.map((quality) => quality.resolution));
  return RESOLUTIONS.filter((resolution) => names.has(resolution));
}
