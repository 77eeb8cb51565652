import { type Static, Type } from 'typebox';
import {
  AUDIO_CODECS,
  CONTAINER_TYPES,
  MEDIA_STATUSES,
  MEDIA_TYPES,
  type Media,
  QUALITY_NAMES,
  QUALITY_STATUSES,
  STREAM_TYPES,
  type StreamType,
  VIDEO_CODECS,
} from '../../../domain/media.ts';
import type { MediaLinks } from '../../../media/links.ts';
import { Count, Nullable, Timestamp, timestamp, Uuid } from '../envelope.ts';
import { MEDIA_EXAMPLE } from './media-examples.ts';
import { MetadataEntry } from './media-input.ts';

const QualityBody = Type.Object({
  name: Type.Enum(QUALITY_NAMES, { description: 'Resolution or audio preset of the quality.' }),
  type: Type.Enum(STREAM_TYPES),
  status: Type.Enum(QUALITY_STATUSES),
  container_type: Type.Enum(CONTAINER_TYPES),
  video_codec: Type.Enum(VIDEO_CODECS),
  video_bitrate: Type.Integer({
    minimum: 0,
    description: 'Requested bits per second; 0: the service decides.',
  }),
  audio_codec: Type.Enum(AUDIO_CODECS),
  audio_bitrate: Count,
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Progress in percent.' }),
});

const AssetsBody = Type.Object(
  {
    source_url: Type.String({ description: 'The uploaded file. Only its own account can read it.' }),
    thumbnail_url: Type.String(),
    hls_url: Type.String(),
    hls_player_url: Type.String({ description: "Page with the browser's own player." }),
    hls_iframe: Type.String({ description: 'HTML that embeds this page.' }),
    dash_url: Type.String(),
    dash_player_url: Type.String({
      description: 'Always empty, because no browser plays DASH without a script.',
    }),
    dash_iframe: Type.String({
      description: 'Always empty, because no browser plays DASH without a script.',
    }),
    mp4_url: Type.String(),
  },
  {
    description:
      'Links to files; a link is empty until its file exists. Links of a media that is not public are signed, and valid for a limited time.',
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
    duration: Type.Number({
      minimum: 0,
      description: 'Duration in seconds; 0 until the file has been probed.',
    }),
    size: Type.Integer({ minimum: 0, description: 'Size in bytes; 0 until the upload is complete.' }),
    view: Type.Integer({ minimum: 0, description: 'Always 0, because views are not counted.' }),
    is_public: Type.Boolean(),
    is_mp4: Type.Boolean(),
    tags: Type.Array(Type.String()),
    metadata: Type.Array(MetadataEntry),
    captions: Type.Array(Type.Unknown(), { description: 'Always empty.' }),
    chapters: Type.Array(Type.Unknown(), { description: 'Always empty.' }),
    player_theme: Type.Null(),
    player_theme_id: Type.String({ description: 'Always empty.' }),
    assets: AssetsBody,
    progress: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'Progress of all qualities together, in percent.',
    }),
    error: Nullable(Type.String({ description: 'Reason why encoding failed; null: it has not failed.' })),
    notes: Type.Array(Type.String(), {
      description:
        'Whole sentences about what of the file was left out, changed or found wrong, and why; empty until the file has been probed. They are made to be read by people.',
    }),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { examples: [MEDIA_EXAMPLE] },
);

/** URLs with which the links of a media begin. */
export interface LinkBases {
  /** Beginning of links that need the credentials of the media's account. */
  readonly account: string;
  /**
   * Beginning of links to files. If the media is not public, the links are signed, and valid
   * for a limited time.
   */
  readonly files: string;
  /** Beginning of links to pages that play the media. */
  readonly player: string;
}

/** Returns the URLs with which the links of a media begin. @param publicUrl URL of the service */
export function linkBases(
  { id, isPublic }: Pick<Media, 'id' | 'isPublic'>,
  publicUrl: string,
  links: MediaLinks,
): LinkBases {
  const path = isPublic ? id : `t/${links.tokenFor(id)}/${id}`;
  return {
    account: `${publicUrl}/assets/${id}`,
    files: `${publicUrl}/assets/${path}`,
    player: `${publicUrl}/player/${path}`,
  };
}

/** Returns a media as the API shows it. @param progress percentage of each quality that is encoded */
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
    notes: [...media.notes],
    created_at: timestamp(media.createdAt),
    updated_at: timestamp(media.updatedAt),
  };
}

/** Returns the links to the files of a media. The link to a file that does not exist is an empty string. */
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
    dash_player_url: '',
    dash_iframe: '',
    mp4_url: media.isMp4 && media.status === 'done' ? `${files}/download.mp4` : '',
  };
}
