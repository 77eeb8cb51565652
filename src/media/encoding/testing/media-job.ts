import type { Media, MediaStatus, MediaStep, Quality } from '../../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from '../../../domain/media-limits.ts';
import { Publisher } from '../../../events/publisher.ts';
import { createLogger, type Logger } from '../../../logging/logger.ts';
import type { Publication } from '../../../storage/contracts/events.ts';
import type { MediaStore } from '../../../storage/contracts/media.ts';
import { mediaDir } from '../../files/media-files.ts';
import { UNKNOWN_BUILD } from '../ffmpeg/capabilities.ts';
import type { JobContext } from '../job-context.ts';
import { MediaRoom } from '../room/output-room.ts';
import { runJob } from '../run-job.ts';
import { FairSlots } from '../turns/fair-slots.ts';
import { FFMPEG, FFPROBE } from './sample-clips.ts';

/** Media of one small quality. */
export const MEDIA: Media = {
  id: 'm',
  userId: 'u',
  title: 'A clip',
  description: '',
  type: 'video',
  status: 'new',
  qualities: [
    {
      position: 0,
      resolution: '144p',
      type: 'hls',
      containerType: 'mpegts',
      videoCodec: 'h264',
      videoBitrate: null,
      audioCodec: 'aac',
      audioBitrate: null,
      status: 'waiting',
    },
  ],
  isPublic: true,
  isMp4: false,
  tags: [],
  metadata: [],
  segmentDuration: 4,
  duration: 0,
  size: 1,
  keptBytes: 1,
  error: null,
  notes: [],
  hasThumbnail: false,
  hasTakenThumbnail: false,
  hasDefaultQualities: false,
  receivedAt: 1,
  createdAt: 1,
  updatedAt: 1,
};

/** Called with each request to the storage; may throw. */
export type Refusal = (what: string) => void;

export interface MediaJobOptions {
  readonly refuse?: Refusal;
  readonly logger?: Logger;
  /** Called with each read of the media; returns whether it still exists. */
  readonly onRead?: () => boolean;
  readonly ffmpegPath?: string;
  /** By default, those of `MEDIA`. */
  readonly qualities?: readonly Quality[];
  /** Called after each commit. */
  readonly onCommitted?: (publication: Publication) => void;
  readonly onProgress?: JobContext['onProgress'];
  readonly limits?: MediaLimits;
  /** Called with each number of bytes that is reserved for encoded files; may throw. */
  readonly onReserved?: (bytes: number) => void;
  /** Called with the number of bytes that the encoded files take at the end. */
  readonly onCounted?: (bytes: number) => void;
}

/** Encodes `MEDIA`, whose received file is in place, with a storage in memory and one slot. Returns what was committed. */
export async function runMediaJob(
  dataDir: string,
  {
    refuse = () => {},
    logger = createLogger('fatal'),
    onRead = () => true,
    ffmpegPath = FFMPEG,
    qualities = MEDIA.qualities,
    onCommitted = () => {},
    onProgress = () => {},
    limits = DEFAULT_MEDIA_LIMITS,
    onReserved = () => {},
    onCounted = () => {},
  }: MediaJobOptions = {},
): Promise<Publication[]> {
  const media = structuredClone({ ...MEDIA, qualities }) as { -readonly [Key in keyof Media]: Media[Key] };
  const committed: Publication[] = [];
  const publisher = new Publisher({
    events: {
      commit: async (publications) => {
        for (const { event } of publications) refuse(event.type);
        const outcomes = publications.map((publication) => {
          const status = statusAfter(publication.step, media.status);
          if (status === null) return 'refused';
          media.status = status;
          committed.push(publication);
          onCommitted(publication);
          return 'committed';
        });
        return { outcomes, ready: [] };
      },
    },
    now: Date.now,
    steadyNow: Date.now,
    untilRoom: async () => undefined,
    onReady: () => {},
    onMoreReady: () => undefined,
  });
  const store: Partial<MediaStore> = {
    findAny: async () => (onRead() ? structuredClone(media) : null),
    saveProbe: async () => refuse('save probe'),
    moveQuality: async () => refuse('move quality'),
  };
  await runJob({
    mediaId: MEDIA.id,
    mediaDir: mediaDir(dataDir, MEDIA.id),
    account: MEDIA.userId,
    priority: 1,
    signal: new AbortController().signal,
    onProgress,
    store: store as MediaStore,
    usage: {
      saveEncoded: async (_, bytes) => {
        refuse('save encoded bytes');
        onCounted(bytes);
      },
    },
    room: new MediaRoom({
      mediaId: MEDIA.id,
      store: {
        reserveEncoded: async (_, bytes) => {
          refuse('reserve encoded bytes');
          onReserved(bytes);
        },
      },
      most: null,
      freed: () => null,
      onReserved: () => {},
    }),
    publisher,
    slots: new FairSlots({ count: 1 }),
    ffmpegPath,
    ffprobePath: FFPROBE,
    capabilities: Promise.resolve(UNKNOWN_BUILD),
    limits,
    minFreeBytes: 0,
    logger,
    now: Date.now,
    retryDelays: { firstMs: 1, mostMs: 5 },
  });
  return committed;
}

/** Returns the status after a step; `null`: the step is refused in this state. */
function statusAfter(step: MediaStep | null, status: MediaStatus): MediaStatus | null {
  if (step?.kind === 'started') return status === 'new' ? 'transcoding' : null;
  if (status !== 'transcoding') return null;
  if (step?.kind === 'finished') return 'done';
  return step?.kind === 'failed' ? 'fail' : status;
}

/** Returns the types of the events that were committed. */
export function types(committed: readonly Publication[]): string[] {
  return committed.map(({ event }) => event.type);
}
