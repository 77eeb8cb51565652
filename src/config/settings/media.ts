import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import { integer, mebibytes, seconds } from '../parsers/numbers.ts';
import { nonEmpty } from '../parsers/text.ts';
import { derived, setting } from './setting.ts';

export const MEDIA_SETTINGS = {
  MEDIAHOOKS_MAX_MEDIA_BYTES: setting({
    key: 'maxMediaBytes',
    default: '53687091200',
    description: 'Maximum size of an uploaded file, in bytes (50 GiB).',
    parse: integer(1, Number.MAX_SAFE_INTEGER),
  }),
  MEDIAHOOKS_ENCODERS: derived({
    key: 'encoders',
    default: 'half the cores, at least 1',
    description: 'Maximum number of ffmpeg processes that encode at the same time.',
    parse: integer(1, 1_000),
  }),
  MEDIAHOOKS_ENCODER_MEMORY: derived({
    key: 'encoderMemoryBytes',
    default: 'three quarters of the memory for all encoders, 2048 to 32768',
    description: 'Maximum address space of one ffmpeg process, in MiB.',
    parse: mebibytes(512, 1_048_576),
  }),
  MEDIAHOOKS_ENCODE_TIMEOUT: setting({
    key: 'encodeTimeMs',
    default: String(DEFAULT_MEDIA_LIMITS.encodeTimeMs / 1_000),
    description: 'Seconds after which an ffmpeg process is ended, whatever it encodes.',
    parse: seconds(1, 1_728_000),
  }),
  MEDIAHOOKS_ENCODE_TIME_RATIO: setting({
    key: 'encodeTimeRatio',
    default: String(DEFAULT_MEDIA_LIMITS.encodeTimeRatio),
    description: 'Seconds that encoding may take for each second of media, in addition to five minutes.',
    parse: integer(1, 100_000),
  }),
  MEDIAHOOKS_MAX_ENCODED_BYTES: setting({
    key: 'maxEncodedBytes',
    default: String(DEFAULT_MEDIA_LIMITS.outputBytes),
    description: 'Maximum size of one encoded quality, in bytes (50 GiB).',
    parse: integer(1, Number.MAX_SAFE_INTEGER),
  }),
  MEDIAHOOKS_MAX_FRAME_PIXELS: setting({
    key: 'maxFramePixels',
    default: String(DEFAULT_MEDIA_LIMITS.maxPixels),
    description: 'Maximum number of pixels in a frame of a media file (8192×4320).',
    parse: integer(1, 268_435_456),
  }),
  MEDIAHOOKS_MAX_DURATION: setting({
    key: 'maxDurationSeconds',
    default: String(DEFAULT_MEDIA_LIMITS.maxDurationSeconds),
    description: 'Maximum duration of a media file, in seconds.',
    parse: integer(1, 31_536_000),
  }),
  MEDIAHOOKS_LINK_TTL: setting({
    key: 'linkTtlMs',
    default: '3600',
    description: 'Seconds for which links to the files of a media that is not public are valid.',
    parse: seconds(60, 31_536_000),
  }),
  MEDIAHOOKS_FFMPEG: setting({
    key: 'ffmpeg',
    default: 'ffmpeg',
    description: 'The ffmpeg program: a name on the PATH, or a path.',
    parse: nonEmpty,
  }),
  MEDIAHOOKS_FFPROBE: setting({
    key: 'ffprobe',
    default: 'ffprobe',
    description: 'The ffprobe program: a name on the PATH, or a path.',
    parse: nonEmpty,
  }),
} as const;
