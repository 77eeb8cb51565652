import { type Static, Type } from 'typebox';
import { invalidField } from '../../../domain/errors.ts';
import {
  DEFAULT_QUALITIES,
  DEFAULT_SEGMENT_DURATION,
  MAX_SEGMENT_DURATION,
  MEDIA_TYPES,
  MIN_SEGMENT_DURATION,
} from '../../../domain/media.ts';
import type { MediaSettings } from '../../../media/library.ts';
import { GivenName } from '../envelope.ts';
import { QualityInput, qualityTypeOf, requestedQualities } from './quality-input.ts';

export const MetadataEntry = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 255 }),
  value: Type.String({ maxLength: 255 }),
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
    type: Type.Optional(
      Type.Enum([...MEDIA_TYPES, ''], {
        description: 'Default video, or audio if all qualities are audio presets.',
      }),
    ),
    metadata: Type.Optional(metadata),
    tags: Type.Optional(tags),
    segment_duration: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: MAX_SEGMENT_DURATION,
        description: `Duration of a segment in seconds: at least ${MIN_SEGMENT_DURATION}; default ${DEFAULT_SEGMENT_DURATION}, also for 0. Segments of very long media are longer.`,
      }),
    ),
    qualities: Type.Optional(
      Type.Array(QualityInput, {
        maxItems: 20,
        description: `Qualities to encode, as objects or as names alone; default ${DEFAULT_QUALITIES.video.join(', ')} for video and ${DEFAULT_QUALITIES.audio.join(', ')} for audio, also for an empty list.`,
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

/**
 * Returns the settings of a new media. A field with the value zero or an empty string counts as left out.
 * @throws ServiceError if fields contradict each other, or the segments are too short
 */
export function settingsOf(input: Static<typeof MediaInput>): MediaSettings {
  const { segment_duration: segmentDuration } = input;
  if (segmentDuration && segmentDuration < MIN_SEGMENT_DURATION) {
    throw invalidField(
      'segment_duration',
      `must be at least ${MIN_SEGMENT_DURATION}, or 0 for the default of ${DEFAULT_SEGMENT_DURATION}`,
    );
  }
  const type = input.type || qualityTypeOf(input.qualities ?? []);
  return {
    title: input.title,
    description: input.description,
    type,
    qualities: requestedQualities(input.qualities ?? [], type),
    isPublic: input.is_public,
    isMp4: input.is_mp4,
    tags: input.tags,
    metadata: input.metadata,
    segmentDuration: segmentDuration || undefined,
  };
}
