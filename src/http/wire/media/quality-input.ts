import { type Static, Type } from 'typebox';
import { invalidField } from '../../../domain/errors.ts';
import {
  AUDIO_CODECS,
  AUDIO_PRESETS,
  CONTAINER_TYPES,
  type ContainerType,
  isAudioPreset,
  type MediaType,
  QUALITY_NAMES,
  type QualityName,
  type QualityRequest,
  RESOLUTIONS,
  requestOf,
  STREAM_TYPES,
  type StreamType,
  VIDEO_CODECS,
  type VideoCodec,
} from '../../../domain/media.ts';
import { areAllInBothFormats } from '../../../domain/shared-segments.ts';
import { QUALITY_NAME } from '../validation-phrases.ts';

/**
 * Minimum bitrate, in bits per second. Encoders refuse lower ones, and a client that requests them has counted
 * in kilobits.
 */
const MIN_BITRATE = 1_000;

const bitrate = (maximum: number) =>
  Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum,
      description: `Bits per second: at least ${MIN_BITRATE}, or 0 for the default.`,
    }),
  );

const index = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 100, description: 'Accepted, but not used.' }),
);

/**
 * Settings of the codecs. Zero and an empty string mean the default, because the public Go client of the AIOZ
 * Stream API sends these values for fields that are not set.
 */
const VideoConfig = Type.Object({
  codec: Type.Optional(Type.Enum([...VIDEO_CODECS, ''])),
  bitrate: bitrate(200_000_000),
  index,
});

const AudioConfig = Type.Object({
  codec: Type.Optional(Type.Enum([...AUDIO_CODECS, ''])),
  bitrate: bitrate(1_000_000),
  index,
  channels: Type.Optional(
    Type.Union([Type.String({ maxLength: 16 }), Type.Integer({ minimum: 0, maximum: 64 })], {
      description: 'Accepted, but not used: sound is encoded in stereo.',
    }),
  ),
  sample_rate: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Accepted, but not used: sound of 44100 Hz stays so, other sound gets 48000 Hz.',
    }),
  ),
  language: Type.Optional(Type.String({ maxLength: 64, description: 'Accepted, but not used.' })),
});

const QualityObject = Type.Object({
  resolution: Type.Enum(QUALITY_NAMES, {
    description: `Resolution of a video, or audio preset (${AUDIO_PRESETS.join(', ')}).`,
  }),
  type: Type.Optional(Type.Enum([...STREAM_TYPES, ''], { description: 'Default hls.' })),
  container_type: Type.Optional(
    Type.Enum([...CONTAINER_TYPES, ''], {
      description:
        'mpegts or mp4 for hls, fmp4 for dash. H.265 in hls is always mp4, whatever is requested. The default for hls is mpegts, ' +
        'and mp4 if all qualities of the media are requested for both hls and dash, which then use the same segments.',
    }),
  ),
  video_config: Type.Optional(VideoConfig),
  audio_config: Type.Optional(AudioConfig),
});

/** A quality as the API defines it, or its name alone, which public tools of the AIOZ Stream API send. */
export const QualityInput = Type.Union([
  QualityObject,
  Type.String({ pattern: QUALITY_NAME.source, description: 'Name of a quality with default settings.' }),
]);

type QualityInputBody = Static<typeof QualityInput>;

const CONTAINERS_OF = { hls: ['mpegts', 'mp4'], dash: ['fmp4'] } as const satisfies Record<
  StreamType,
  readonly ContainerType[]
>;

/** Returns the type of a media whose type the client left out; `undefined`: the qualities tell no type. */
export function qualityTypeOf(input: readonly QualityInputBody[]): MediaType | undefined {
  if (input.length === 0) return undefined;
  return input.every((quality) => isAudioPreset(objectOf(quality).resolution)) ? 'audio' : 'video';
}

/**
 * Returns the requested qualities, with defaults for all fields that are left out.
 * @throws ServiceError if a quality does not fit the type of the media or the other qualities, if its container
 * does not fit the stream type, or if a bitrate is too low
 */
export function requestedQualities(
  input: readonly QualityInputBody[],
  type: MediaType | undefined,
): QualityRequest[] {
  const objects = input.map(objectOf);
  const hasResolutions = objects.some(({ resolution }) => !isAudioPreset(resolution));
  const requested = objects.map((quality, position) => {
    if (isAudioPreset(quality.resolution) && (type !== 'audio' || hasResolutions))
      throw misplacedPreset(position, type);
    return requestedQuality(quality, position);
  });
  if (!canShareSegments(objects, requested)) return requested;
  return requested.map((quality) =>
    quality.type === 'hls' ? { ...quality, containerType: 'mp4' } : quality,
  );
}

/** Returns whether HLS and DASH can use the same segments, and no client has asked for transport streams. */
function canShareSegments(
  objects: readonly Static<typeof QualityObject>[],
  requested: readonly QualityRequest[],
): boolean {
  return areAllInBothFormats(requested) && objects.every((input) => input.container_type !== 'mpegts');
}

function objectOf(input: QualityInputBody): Static<typeof QualityObject> {
  return typeof input === 'string' ? { resolution: input as QualityName } : input;
}

function misplacedPreset(position: number, type: MediaType | undefined) {
  const presets = AUDIO_PRESETS.join(', ');
  const expected =
    type === 'audio'
      ? `expected either audio presets (${presets}) or resolutions, not both`
      : `expected one of ${RESOLUTIONS.join(', ')}, because ${presets} are for media of the type audio`;
  return invalidField(`qualities[${position}].resolution`, expected);
}

function requestedQuality(input: Static<typeof QualityObject>, position: number): QualityRequest {
  const field = `qualities[${position}]`;
  const type = input.type || 'hls';
  const videoCodec = input.video_config?.codec || 'h264';
  const containers: readonly ContainerType[] = CONTAINERS_OF[type];
  const containerType = input.container_type || containers[0] || 'mpegts';
  if (!containers.includes(containerType)) {
    throw invalidField(`${field}.container_type`, `expected ${containers.join(' or ')} for ${type}`);
  }
  return {
    ...requestOf(input.resolution),
    type,
    containerType: containerOf(videoCodec, containerType),
    videoCodec,
    videoBitrate: bitrateOf(input.video_config?.bitrate, `${field}.video_config.bitrate`),
    audioCodec: input.audio_config?.codec || 'aac',
    audioBitrate: bitrateOf(input.audio_config?.bitrate, `${field}.audio_config.bitrate`),
  };
}

/**
 * Returns the container of a quality. H.265 is never put into a transport stream, because HLS players take it in
 * fragmented MP4 alone. The request is not refused, because clients send the same container for every codec.
 */
function containerOf(videoCodec: VideoCodec, requested: ContainerType): ContainerType {
  return videoCodec === 'h265' && requested === 'mpegts' ? 'mp4' : requested;
}

function bitrateOf(requested: number | undefined, field: string): number | null {
  if (!requested) return null;
  if (requested >= MIN_BITRATE) return requested;
  throw invalidField(field, `must be at least ${MIN_BITRATE} bits per second, or 0 for the default`);
}
