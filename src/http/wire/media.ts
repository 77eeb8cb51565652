import { type Static, Type } from 'typebox';
import { invalidField } from '../../domain/errors.ts';
import {
  AUDIO_CODECS,
  CONTAINER_TYPES,
  type ContainerType,
  DEFAULT_RESOLUTIONS,
  MEDIA_STATUSES,
  MEDIA_TYPES,
  type Media,
  QUALITY_STATUSES,
  type QualityRequest,
  RESOLUTIONS,
  STREAM_TYPES,
  type StreamType,
  VIDEO_CODECS,
} from '../../domain/media.ts';
import { Count, GivenName, Nullable, Timestamp, timestamp, Uuid } from './envelope.ts';
import type { LinkBases } from './link-bases.ts';
import { MEDIA_EXAMPLE } from './media-examples.ts';

/** Seconds of a segment where none are asked for: what HLS players start fast and switch well with. */
export const DEFAULT_SEGMENT_DURATION = 4;

const MetadataEntry = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 255 }),
  value: Type.String({ maxLength: 255 }),
});

/** Zero and an empty string mean what leaving it out means: the public Go client sends fields it has nothing for. */
const codecConfig = <T extends string>(codecs: readonly T[], maxBitrate: number) =>
  Type.Object({
    codec: Type.Optional(Type.Enum([...codecs, ''])),
    bitrate: Type.Optional(
      Type.Integer({ minimum: 0, maximum: maxBitrate, description: 'Bits per second.' }),
    ),
    index: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: 'Taken, and not used.' })),
  });

const QualityInput = Type.Object({
  resolution: Type.Enum(RESOLUTIONS),
  type: Type.Optional(Type.Enum([...STREAM_TYPES, ''], { description: 'hls where it is left out.' })),
  container_type: Type.Optional(
    Type.Enum([...CONTAINER_TYPES, ''], { description: 'mpegts or mp4 with hls, fmp4 with dash.' }),
  ),
  video_config: Type.Optional(codecConfig(VIDEO_CODECS, 200_000_000)),
  audio_config: Type.Optional(codecConfig(AUDIO_CODECS, 1_000_000)),
});

const description = Type.String({ maxLength: 1000 });
const tags = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 50 });
const metadata = Type.Array(MetadataEntry, { maxItems: 50 });

export const MediaInput = Type.Object(
  {
    title: GivenName,
    description: Type.Optional(description),
    is_public: Type.Optional(
      Type.Boolean({ description: 'Whether its files are served to everybody (true).' }),
    ),
    is_mp4: Type.Optional(Type.Boolean({ description: 'Whether an MP4 for download is made, too (false).' })),
    type: Type.Optional(Type.Enum([...MEDIA_TYPES, ''], { description: 'video where it is left out.' })),
    metadata: Type.Optional(metadata),
    tags: Type.Optional(tags),
    segment_duration: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        description: `Seconds (${DEFAULT_SEGMENT_DURATION}); 0 means the default.`,
      }),
    ),
    qualities: Type.Optional(
      Type.Array(QualityInput, {
        maxItems: 20,
        description: `${DEFAULT_RESOLUTIONS.join(', ')} where empty.`,
      }),
    ),
  },
  {
    examples: [
      {
        title: 'Holiday',
        is_mp4: true,
        tags: ['summer'],
        metadata: [{ key: 'place', value: 'Lisbon' }],
        qualities: [{ resolution: '720p' }, { resolution: '360p' }],
      },
    ],
  },
);

export const MediaChangesInput = Type.Object(
  {
    title: Type.Optional(GivenName),
    description: Type.Optional(description),
    is_public: Type.Optional(Type.Boolean({ description: 'Whether its files are served to everybody.' })),
    tags: Type.Optional(tags),
    metadata: Type.Optional(metadata),
  },
  { examples: [{ title: 'Holiday in Lisbon', is_public: false }] },
);

/** Lenient on the order: a public client puts the column where the direction goes. */
export const MediaListInput = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description: 'How many to list; 25 where it is 0 or left out.',
      }),
    ),
    offset: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: 'How many to skip.' }),
    ),
    search: Type.Optional(
      Type.String({ maxLength: 255, description: 'Part of the title; case does not matter.' }),
    ),
    sort_by: Type.Optional(
      Type.String({ maxLength: 64, description: '`title`; anything else means `created_at`.' }),
    ),
    order_by: Type.Optional(
      Type.String({ maxLength: 64, description: '`asc`; anything else means `desc`.' }),
    ),
    status: Type.Optional(
      Type.Array(Type.Enum(MEDIA_STATUSES), { maxItems: 10, description: 'Any of these.' }),
    ),
    tags: Type.Optional(tags),
    metadata: Type.Optional(metadata),
    type: Type.Optional(Type.Enum([...MEDIA_TYPES, ''])),
  },
  { examples: [{ status: ['done'], order_by: 'desc', limit: 25 }] },
);

const QualityBody = Type.Object({
  name: Type.Enum(RESOLUTIONS, { description: 'Its resolution.' }),
  type: Type.Enum(STREAM_TYPES),
  status: Type.Enum(QUALITY_STATUSES),
  container_type: Type.Enum(CONTAINER_TYPES),
  video_codec: Type.Enum(VIDEO_CODECS),
  video_bitrate: Type.Integer({
    minimum: 0,
    description: 'Bits per second as asked for; 0 leaves it to the service.',
  }),
  audio_codec: Type.Enum(AUDIO_CODECS),
  audio_bitrate: Count,
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent.' }),
});

const AssetsBody = Type.Object(
  {
    source_url: Type.String({ description: 'What was uploaded, for its account alone.' }),
    thumbnail_url: Type.String(),
    hls_url: Type.String(),
    hls_player_url: Type.String({ description: "A page with the browser's own player." }),
    hls_iframe: Type.String({ description: 'The HTML that frames that page.' }),
    dash_url: Type.String(),
    dash_player_url: Type.String({ description: 'Always empty: no browser plays DASH by itself.' }),
    dash_iframe: Type.String({ description: 'Always empty, too.' }),
    mp4_url: Type.String(),
  },
  {
    description:
      'Links, each empty until there is something behind it; signed, and good for a while, where the media is not public.',
  },
);

export const MediaBody = Type.Object(
  {
    id: Uuid,
    user_id: Uuid,
    title: Type.String(),
    description: Type.String(),
    type: Type.Enum(MEDIA_TYPES),
    status: Type.Enum(MEDIA_STATUSES),
    qualities: Type.Array(QualityBody),
    duration: Type.Number({ minimum: 0, description: 'Seconds; 0 before the file was looked at.' }),
    size: Type.Integer({ minimum: 0, description: 'Bytes; 0 before the upload was completed.' }),
    view: Type.Integer({ minimum: 0, description: 'Always 0: views are not counted.' }),
    is_public: Type.Boolean(),
    is_mp4: Type.Boolean(),
    tags: Type.Array(Type.String()),
    metadata: Type.Array(MetadataEntry),
    captions: Type.Array(Type.Unknown(), { description: 'Always empty.' }),
    chapters: Type.Array(Type.Unknown(), { description: 'Always empty.' }),
    player_theme: Type.Null(),
    player_theme_id: Type.String({ description: 'Always empty.' }),
    assets: AssetsBody,
    progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Percent of all qualities.' }),
    error: Nullable(Type.String({ description: 'Why encoding failed.' })),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { examples: [MEDIA_EXAMPLE] },
);

type QualityInputBody = Static<typeof QualityInput>;

const CONTAINERS_OF = { hls: ['mpegts', 'mp4'], dash: ['fmp4'] } as const satisfies Record<
  StreamType,
  readonly ContainerType[]
>;

/** What was asked for, with defaults filled in. @throws ApiError for a container that does not go with its type */
export function requestedQualities(input: readonly QualityInputBody[] | undefined): QualityRequest[] {
  if (!input || input.length === 0) {
    return DEFAULT_RESOLUTIONS.map((resolution) => requestedQuality({ resolution }, 0));
  }
  return input.map(requestedQuality);
}

function requestedQuality(input: QualityInputBody, index: number): QualityRequest {
  const type = input.type || 'hls';
  const containers: readonly ContainerType[] = CONTAINERS_OF[type];
  const containerType = input.container_type || containers[0] || 'mpegts';
  if (!containers.includes(containerType)) {
    throw invalidField(
      `qualities[${index}].container_type`,
      `expected ${containers.join(' or ')} with ${type}`,
    );
  }
  return {
    resolution: input.resolution,
    type,
    containerType,
    videoCodec: input.video_config?.codec || 'h264',
    videoBitrate: input.video_config?.bitrate || null,
    audioCodec: input.audio_config?.codec || 'aac',
    audioBitrate: input.audio_config?.bitrate || null,
  };
}

/**
 * @param bases what links begin with
 * @param progress percent of each quality
 */
export function mediaBody(
  media: Media,
  bases: LinkBases,
  progress: readonly number[],
): Static<typeof MediaBody> {
  const qualities = media.qualities.map((quality, index) => ({
    name: quality.resolution,
    type: quality.type,
    status: quality.status,
    container_type: quality.containerType,
    video_codec: quality.videoCodec,
    video_bitrate: quality.videoBitrate ?? 0,
    audio_codec: quality.audioCodec,
    audio_bitrate: quality.audioBitrate ?? 0,
    progress: progress[index] ?? 0,
  }));
  const total = qualities.reduce((sum, quality) => sum + quality.progress, 0);
  return {
    id: media.id,
    user_id: media.userId,
    title: media.title,
    description: media.description,
    type: media.type,
    status: media.status,
    qualities,
    duration: media.duration,
    size: media.size,
    view: 0,
    is_public: media.isPublic,
    is_mp4: media.isMp4,
    tags: [...media.tags],
    metadata: [...media.metadata],
    captions: [],
    chapters: [],
    player_theme: null,
    player_theme_id: '',
    assets: assetsBody(media, bases),
    progress: Math.floor(total / qualities.length),
    error: media.error,
    created_at: timestamp(media.createdAt),
    updated_at: timestamp(media.updatedAt),
  };
}

/** Links to what is there; an empty string for what is not, or not yet. */
function assetsBody(media: Media, { account, files, player: page }: LinkBases): Static<typeof AssetsBody> {
  const has = (type: StreamType) =>
    media.qualities.some((quality) => quality.type === type && quality.status === 'done');
  const player = has('hls') ? `${page}/hls` : '';
  const iframe = `<iframe src="${player}" width="100%" height="100%" allowfullscreen></iframe>`;
  return {
    source_url: media.receivedAt === null ? '' : `${account}/source`,
    thumbnail_url: media.hasThumbnail || media.hasTakenThumbnail ? `${files}/thumbnail.jpg` : '',
    hls_url: has('hls') ? `${files}/hls/master.m3u8` : '',
    hls_player_url: player,
    hls_iframe: player === '' ? '' : iframe,
    dash_url: has('dash') ? `${files}/dash/manifest.mpd` : '',
    // No browser plays DASH by itself.
    dash_player_url: '',
    dash_iframe: '',
    mp4_url: media.isMp4 && media.status === 'done' ? `${files}/download.mp4` : '',
  };
}
