import type { Actor } from './audit.ts';

/**
 * A media is one received file and the renditions that are made of it.
 *
 *   new ── the first encode starts ──▶ transcoding ── every quality is done ──────────▶ done
 *    │                                     │       └─ one failed, the rest have ended ─▶ fail
 *    └──────────── deleted ◀───────────────┴──────────────── from any state
 *
 * A quality: waiting ──▶ transcoding ──▶ done | fail. After a restart, `transcoding` qualities are encoded again.
 * A change that has an event is committed together with it (`EventStore.commit`).
 */
export const MEDIA_STATUSES = ['new', 'transcoding', 'done', 'fail', 'deleted'] as const;
export type MediaStatus = (typeof MEDIA_STATUSES)[number];

export const QUALITY_STATUSES = ['waiting', 'transcoding', 'done', 'fail'] as const;
export type QualityStatus = (typeof QUALITY_STATUSES)[number];

export const MEDIA_TYPES = ['video', 'audio'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** Shorter side of each resolution's picture, in pixels. */
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

/** A rendition as it was requested. */
export interface QualityRequest {
  readonly resolution: Resolution;
  readonly type: StreamType;
  /** Container of the segments. HLS: `mpegts` or `mp4`; DASH: always `fmp4`. */
  readonly containerType: ContainerType;
  readonly videoCodec: VideoCodec;
  /** Bits per second. `null`: the bitrate ladder decides. */
  readonly videoBitrate: number | null;
  readonly audioCodec: AudioCodec;
  /** Bits per second. `null`: the bitrate ladder decides. */
  readonly audioBitrate: number | null;
}

/** A rendition as it was requested, and its progress. */
export interface Quality extends QualityRequest {
  /** Place in the request, from 0. It identifies the quality within its media. */
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
  /** Seconds; 0 until the file was probed. */
  readonly duration: number;
  /** Bytes of the received file; 0 until the upload is complete. */
  readonly size: number;
  /** Bytes that count against the account's storage limit. During an upload, these are the bytes reserved for it. */
  readonly keptBytes: number;
  /** Reason why encoding failed. `null`: it has not failed. */
  readonly error: string | null;
  /** Whether the account has uploaded a thumbnail, which replaces the one made during encoding. */
  readonly hasThumbnail: boolean;
  /** Whether encoding made a thumbnail. It makes none of audio, nor of some damaged pictures. */
  readonly hasTakenThumbnail: boolean;
  /** Milliseconds since the epoch, like every time here. `null`: the upload is not complete. */
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
 * A change of a media's state that has an event. Each step starts from the state that is named above it. From any other
 * state it is refused, and its event is not emitted.
 */
export type MediaStep =
  /** From `new`, not received yet. `by` completed the upload and is recorded; `null`: nothing is recorded. */
  | { readonly kind: 'received'; readonly mediaId: string; readonly size: number; readonly by: Actor | null }
  /** From `new` and received to `transcoding`. */
  | { readonly kind: 'started'; readonly mediaId: string }
  /** Media and quality are `transcoding`; the quality becomes `done`. */
  | { readonly kind: 'quality-done'; readonly mediaId: string; readonly position: number }
  /** From `transcoding` to `done`. */
  | { readonly kind: 'finished'; readonly mediaId: string }
  /** From `transcoding` to `fail`. */
  | { readonly kind: 'failed'; readonly mediaId: string; readonly reason: string };

/** Returns the names of qualities as events list them: without repeats, smallest first. */
export function qualityNames(qualities: readonly QualityRequest[]): Resolution[] {
  const names = new Set(qualities.map((quality) => quality.resolution));
  return RESOLUTIONS.filter((resolution) => names.has(resolution));
}
