import { EXAMPLE_IDS, EXAMPLE_TIMES } from '../example-values.ts';

/** Two examples of a media: one after its encoding, and one before its upload. */

const LINKS = `https://mediahooks.example.com/assets/${EXAMPLE_IDS.media}`;
const PLAYER = `https://mediahooks.example.com/player/${EXAMPLE_IDS.media}/hls`;

const quality = (name: string) => ({
  name,
  type: 'hls',
  status: 'done',
  container_type: 'mpegts',
  video_codec: 'h264',
  video_bitrate: 0,
  audio_codec: 'aac',
  audio_bitrate: 0,
  progress: 100,
});

export const MEDIA_EXAMPLE = {
  id: EXAMPLE_IDS.media,
  user_id: EXAMPLE_IDS.account,
  title: 'Holiday',
  description: '',
  type: 'video',
  status: 'done',
  qualities: [quality('720p'), quality('360p')],
  duration: 92.5,
  size: 20971520,
  view: 0,
  is_public: true,
  is_mp4: true,
  tags: ['summer'],
  metadata: [{ key: 'place', value: 'Lisbon' }],
  captions: [],
  chapters: [],
  player_theme: null,
  player_theme_id: '',
  assets: {
    source_url: `${LINKS}/source`,
    thumbnail_url: `${LINKS}/thumbnail.jpg`,
    hls_url: `${LINKS}/hls/master.m3u8`,
    hls_player_url: PLAYER,
    hls_iframe: `<iframe src="${PLAYER}" width="100%" height="100%" allowfullscreen></iframe>`,
    dash_url: '',
    dash_player_url: '',
    dash_iframe: '',
    mp4_url: `${LINKS}/download.mp4`,
  },
  progress: 100,
  error: null,
  notes: [],
  created_at: EXAMPLE_TIMES.created,
  updated_at: EXAMPLE_TIMES.emitted,
};

export const NEW_MEDIA_EXAMPLE = {
  ...MEDIA_EXAMPLE,
  status: 'new',
  qualities: MEDIA_EXAMPLE.qualities.map((done) => ({ ...done, status: 'waiting', progress: 0 })),
  duration: 0,
  size: 0,
  assets: Object.fromEntries(Object.keys(MEDIA_EXAMPLE.assets).map((link) => [link, ''])),
  progress: 0,
  updated_at: EXAMPLE_TIMES.created,
};
