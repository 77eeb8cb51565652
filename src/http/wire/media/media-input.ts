import { type Static, Type } from 'typebox';
import { invalidField } from '../../../domain/errors.ts';
import {
  AUDIO_CODECS,
  CONTAINER_TYPES,
  type ContainerType,
  DEFAULT_RESOLUTIONS,
  DEFAULT_SEGMENT_DURATION,
  MEDIA_TYPES,
  type QualityRequest,
  RESOLUTIONS,
  STREAM_TYPES,
  type StreamType,
  VIDEO_CODECS,
} from '../../../domain/media.ts';
import { GivenName } from '../envelope.ts';

export const MetadataEntry = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 255 }),
  value: Type.String({ maxLength: 255 }),
});

/**
 * Returns the schema of the settings of a codec. Zero and an empty string mean the default, because the
 * public Go client of the AIOZ Stream API sends these values for fields that are not set.
 */
const codecConfig = <T extends string>(codecs: readonly T[], maxBitrate: number) =>
  Type.Object({
    codec: Type.Optional(Type.Enum([...codecs, ''])),
    bitrate: Type.Optional(
      Type.Integer({ minimum: 0, maximum: maxBitrate, description: 'Bits per second.' }),
    ),
    index: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: 'Accepted, but not used.' })),
  });

const QualityInput = Type.Object({
  resolution: Type.Enum(RESOLUTIONS),
  type: Type.Optional(Type.Enum([...STREAM_TYPES, ''], { description: 'Default hls.' })),
  container_type: Type.Optional(
    Type.Enum([...CONTAINER_TYPES, ''], { description: 'mpegts or mp4 for hls, fmp4 for dash.' }),
  ),
  video_config: Type.Optional(codecConfig(VIDEO_CODECS, 200_000_000)),
  audio_config: Type.Optional(codecConfig(AUDIO_CODECS, 1_000_000)),
});

const description = Type.String({ maxLength: 1000 });
export const tags = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 50 });
const metadata = Type.Array(MetadataEntry, { maxItems: 50 });

export const MediaInput = Type.Object(
  {
    title: GivenName,
    description: Type.Optional(description),
    is_public: Type.Optional(
      Type.Boolean({ description: 'Whether its files can be read without credentials; default true.' }),
    ),
    is_mp4: Type.Optional(
      Type.Boolean({ description: 'Whether an MP4 file for download is created; default false.' }),
    ),
    type: Type.Optional(Type.Enum([...MEDIA_TYPES, ''], { description: 'Default video.' })),
    metadata: Type.Optional(metadata),
    tags: Type.Optional(tags),
    segment_duration: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        description: `Duration of a segment in seconds; default ${DEFAULT_SEGMENT_DURATION}, also for 0.`,
      }),
    ),
    qualities: Type.Optional(
      Type.Array(QualityInput, {
        maxItems: 20,
        description: `Qualities to encode; default ${DEFAULT_RESOLUTIONS.join(', ')}, also for an empty list.`,
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
    is_public: Type.Optional(
      Type.Boolean({ description: 'Whether its files can be read without credentials.' }),
    ),
    tags: Type.Optional(tags),
    metadata: Type.Optional(metadata),
  },
  { examples: [{ title: 'Holiday in Lisbon', is_public: false }] },
);

type QualityInputBody = Static<typeof QualityInput>;

const CONTAINERS_OF = { hls: ['mpegts', 'mp4'], dash: ['fmp4'] } as const satisfies Record<
  StreamType,
  readonly ContainerType[]
>;

/**
 * Returns the requested qualities, with defaults for all fields that are left out.
 * @throws ServiceError if the container type does not fit the stream type
 */
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
      `expected ${containers.join(' or ')} for ${type}`,
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
