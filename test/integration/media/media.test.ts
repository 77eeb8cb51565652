import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** All fields of a media in the contract, then our own. */
const FIELDS = [
  ...['id', 'user_id', 'title', 'description', 'type', 'status', 'qualities', 'duration', 'size', 'view'],
  ...['is_public', 'is_mp4', 'tags', 'metadata', 'captions', 'chapters', 'player_theme', 'player_theme_id'],
  ...['assets', 'progress', 'error', 'notes', 'created_at', 'updated_at', 'upload'],
];
const NO_ASSETS = {
  source_url: '',
  thumbnail_url: '',
  hls_url: '',
  hls_player_url: '',
  hls_iframe: '',
  dash_url: '',
  dash_player_url: '',
  dash_iframe: '',
  mp4_url: '',
};

let service: TestService;
let client: ApiClient;

before(async () => {
  service = await startTestService();
  client = service.client;
});

after(() => service.stop());

test('a blank title is refused, when a media is created and when it is changed', async () => {
  const { id } = await client.createMedia();
  for (const title of ['', ' ', '\t\n ']) {
    assertRefusal(await client.call('POST', '/media/create', { title }), 'invalid_request', ['title']);
    assertRefusal(await client.call('PATCH', `/media/${id}`, { title }), 'invalid_request', ['title']);
  }
});

test('a media with nothing but a title has every default', async () => {
  const media = await client.createMedia({ title: 'A clip' });
  assert.deepEqual(Object.keys(media), FIELDS);
  const { id: _, created_at, updated_at, qualities, ...rest } = media;
  assert.equal(created_at, updated_at);
  assert.deepEqual(rest, {
    user_id: client.credentials.userId,
    title: 'A clip',
    description: '',
    type: 'video',
    status: 'new',
    duration: 0,
    size: 0,
    view: 0,
    is_public: true,
    is_mp4: false,
    tags: [],
    metadata: [],
    captions: [],
    chapters: [],
    player_theme: null,
    player_theme_id: '',
    assets: NO_ASSETS,
    progress: 0,
    error: null,
    notes: [],
    upload: { is_complete: false, received_bytes: 0, size: null, ranges: [], parts: [], has_more: false },
  });
  const quality = (name: string) => ({
    name,
    type: 'hls',
    status: 'waiting',
    container_type: 'mpegts',
    video_codec: 'h264',
    video_bitrate: 0,
    audio_codec: 'aac',
    audio_bitrate: 0,
    progress: 0,
  });
  assert.deepEqual(qualities, ['1080p', '720p', '360p'].map(quality));
});

test('values that a client sends empty or as zero mean the default', async () => {
  const empty = {
    ...{ description: '', segment_duration: 0, metadata: [], tags: [], qualities: [] },
    ...{ is_mp4: false, is_public: true },
  };
  const { qualities } = await client.createMedia({ title: 'x', ...empty });
  assert.deepEqual(
    (qualities as { name: string }[]).map(({ name }) => name),
    ['1080p', '720p', '360p'],
  );
  const nothing = { codec: '', bitrate: 0, index: 0 };
  const config = { type: '', container_type: '', video_config: nothing, audio_config: nothing };
  const media = await client.createMedia({ title: 'x', qualities: [{ resolution: '240p', ...config }] });
  const [quality] = media.qualities as Record<string, unknown>[];
  assert.deepEqual([quality?.name, quality?.type, quality?.container_type], ['240p', 'hls', 'mpegts']);
  assert.deepEqual([quality?.video_codec, quality?.audio_codec, quality?.video_bitrate], ['h264', 'aac', 0]);
});

test('HLS is in MP4 where it can use the segments of DASH, unless transport streams are asked for', async () => {
  const containers = async (...qualities: object[]) => {
    const media = await client.createMedia({ title: 'x', qualities });
    return (media.qualities as { container_type: string }[]).map((quality) => quality.container_type);
  };
  const [hls, dash] = [{ resolution: '240p' }, { resolution: '240p', type: 'dash' }];
  assert.deepEqual(await containers(hls, dash), ['mp4', 'fmp4']);
  assert.deepEqual(await containers({ ...hls, container_type: 'mpegts' }, dash), ['mpegts', 'fmp4']);
  assert.deepEqual(await containers(hls, dash, { resolution: '144p' }), ['mpegts', 'fmp4', 'mpegts']);
  const otherBitrate = { ...dash, video_config: { codec: 'h264', bitrate: 300_000 } };
  assert.deepEqual(await containers(hls, otherBitrate), ['mpegts', 'fmp4']);
});

test('qualities are kept as requested', async () => {
  const video_config = { codec: 'h265', bitrate: 900_000, index: 0 };
  const audio_config = { codec: 'aac', bitrate: 96_000, index: 0 };
  const media = await client.createMedia({
    title: 'x',
    qualities: [
      { resolution: '144p', type: 'hls', container_type: 'mp4', video_config, audio_config },
      { resolution: '4320p', type: 'dash' },
      { resolution: '240p', type: 'dash', container_type: 'fmp4' },
    ],
  });
  const qualities = (media.qualities as Record<string, unknown>[]).map((quality) =>
    ['name', 'type', 'container_type', 'video_codec', 'video_bitrate', 'audio_bitrate'].map(
      (f) => quality[f],
    ),
  );
  assert.deepEqual(qualities, [
    ['144p', 'hls', 'mp4', 'h265', 900_000, 96_000],
    ['4320p', 'dash', 'fmp4', 'h264', 0, 0],
    ['240p', 'dash', 'fmp4', 'h264', 0, 0],
  ]);
});

test('limits are exact: one character more is refused', async () => {
  const many = <T>(count: number, value: T) => Array.from({ length: count }, () => value);
  const full = {
    title: '🎬'.repeat(255),
    description: 'd'.repeat(1000),
    tags: many(50, 't'.repeat(255)),
    metadata: many(50, { key: 'k'.repeat(255), value: 'v'.repeat(255) }),
  };
  const { id } = await client.createMedia(full);
  const media = (await client.expect(200, 'GET', `/media/${id}`)).data;
  for (const [field, value] of Object.entries(full)) assert.deepEqual(media[field], value);

  const wrong: [field: string, value: unknown, named?: string][] = [
    ['title', undefined],
    ['title', ''],
    ['title', 't'.repeat(256)],
    ['title', null],
    ['description', 'd'.repeat(1001)],
    ['tags', many(51, 't')],
    ['tags', ['t'.repeat(256)], 'tags[0]'],
    ['tags', 'one'],
    ['metadata', many(51, { key: 'k', value: 'v' })],
    ['metadata', [{ key: 'k'.repeat(256), value: 'v' }], 'metadata[0].key'],
    ['metadata', [{ key: 'k', value: 'v'.repeat(256) }], 'metadata[0].value'],
    ['metadata', [{ key: 'k', value: 7 }], 'metadata[0].value'],
    ['metadata', { k: 'v' }],
    ['type', 'live-stream'],
    ['segment_duration', -1],
    ['segment_duration', 61],
    ['segment_duration', '4'],
    // Each of these would make a file for each frame, or fail in the encoder.
    ...[0.001, 0.5, 0.999].map((seconds) => ['segment_duration', seconds] as [string, number]),
    ...[1, 999].flatMap((bitrate): [string, unknown, string][] =>
      ['video_config', 'audio_config'].map((config) => [
        'qualities',
        [{ resolution: '720p', [config]: { bitrate } }],
        `qualities[0].${config}.bitrate`,
      ]),
    ),
    ['qualities', [{ resolution: '721p' }], 'qualities[0].resolution'],
    ['qualities', [{ type: 'hls' }], 'qualities[0].resolution'],
    ['qualities', [{ resolution: '720p', type: 'mp4' }], 'qualities[0].type'],
    ['qualities', [{ resolution: '720p', container_type: 'fmp4' }], 'qualities[0].container_type'],
    [
      'qualities',
      [{ resolution: '720p', type: 'dash', container_type: 'mpegts' }],
      'qualities[0].container_type',
    ],
    [
      'qualities',
      [{ resolution: '720p', video_config: { codec: 'vp6' } }],
      'qualities[0].video_config.codec',
    ],
    [
      'qualities',
      [{ resolution: '720p', audio_config: { bitrate: -1 } }],
      'qualities[0].audio_config.bitrate',
    ],
    ['qualities', many(21, { resolution: '720p' })],
  ];
  for (const [field, value, named = field] of wrong) {
    const answer = await client.call('POST', '/media/create', { title: 'x', [field]: value });
    assertRefusal(answer, 'invalid_request', [named]);
  }
});

test('a quality can be requested by its name alone', async () => {
  const media = await client.createMedia({ title: 'x', qualities: ['360p', { resolution: '144p' }] });
  const named = await client.createMedia({
    title: 'x',
    qualities: [{ resolution: '360p' }, { resolution: '144p' }],
  });
  assert.deepEqual(media.qualities, named.qualities);
  for (const [qualities, field] of [
    [['361p'], 'qualities[0]'],
    [['360p', ''], 'qualities[1]'],
    [[360], 'qualities[0]'],
    [['standard', '360p'], 'qualities[0].resolution'],
    ['360p', 'qualities'],
  ] as const) {
    const answer = await client.call('POST', '/media/create', { title: 'x', qualities });
    assertRefusal(answer, 'invalid_request', [field]);
  }
});

test('audio has presets, which are its default, and tell the type of a media', async () => {
  const names = async (fields: Record<string, unknown>) => {
    const { type, qualities } = await client.createMedia({ title: 'x', ...fields });
    return [type, (qualities as { name: string }[]).map(({ name }) => name).join()];
  };
  assert.deepEqual(await names({ type: 'audio' }), ['audio', 'highest,good,standard']);
  assert.deepEqual(await names({ type: 'audio', qualities: [] }), ['audio', 'highest,good,standard']);
  assert.deepEqual(await names({ type: 'audio', qualities: ['360p'] }), ['audio', '360p']);
  const audio_config = {
    ...{ codec: 'aac', bitrate: 320_000, channels: '2', sample_rate: 96_000, language: 'en', index: 0 },
  };
  const all = ['standard', 'good', 'highest', 'lossless'].map((resolution) => ({
    ...{ resolution, type: 'hls', container_type: 'mpegts', audio_config },
  }));
  assert.deepEqual(await names({ type: 'audio', qualities: all }), [
    'audio',
    'standard,good,highest,lossless',
  ]);
  assert.deepEqual(await names({ qualities: ['good'] }), ['audio', 'good']);
  for (const fields of [
    { type: 'video', qualities: ['720p', 'good'] },
    { type: 'audio', qualities: ['720p', 'good'] },
    { qualities: ['720p', 'good'] },
  ]) {
    const answer = await client.call('POST', '/media/create', { title: 'x', ...fields });
    assertRefusal(answer, 'invalid_request', ['qualities[1].resolution']);
  }
});

test('a media is changed in part', async () => {
  const fields = { title: 'before', description: 'd', tags: ['a'], metadata: [{ key: 'k', value: 'v' }] };
  const { id } = await client.createMedia(fields);
  const media = async () => (await client.expect(200, 'GET', `/media/${id}`)).data;
  const before = await media();
  const answer = await client.expect(200, 'PATCH', `/media/${id}`, { title: 'after' });
  assert.deepEqual(Object.keys(answer), ['status', 'message']);
  const { updated_at, ...after } = await media();
  assert.ok(updated_at >= before.updated_at);
  const { updated_at: _, ...rest } = before;
  assert.deepEqual(after, { ...rest, title: 'after' });
  const changes = { description: '', is_public: false, tags: [], metadata: [] };
  await client.expect(200, 'PATCH', `/media/${id}`, changes);
  const { description, is_public, tags, metadata, title } = await media();
  assert.deepEqual({ description, is_public, tags, metadata }, changes);
  assert.equal(title, 'after');
  for (const [field, value] of [
    ['title', ''],
    ['title', 't'.repeat(256)],
    ['is_public', 'no'],
    ['tags', null],
  ] as const) {
    const refused = await client.call('PATCH', `/media/${id}`, { [field]: value });
    assertRefusal(refused, 'invalid_request', [field]);
  }
  assertRefusal(await client.call('PATCH', `/media/${id}`), 'invalid_request', ['body']);
});

test('player.json is the media, without the envelope', async () => {
  const { id } = await client.createMedia();
  const answer = await client.call('GET', `/media/${id}/player.json`);
  assert.equal(answer.contentType, 'application/json');
  assert.deepEqual(answer.body, (await client.expect(200, 'GET', `/media/${id}`)).data);
});

test('a deleted media is absent everywhere', async () => {
  const { client } = await service.newAccount();
  const { id } = await client.createMedia();
  const answer = await client.expect(200, 'DELETE', `/media/${id}`);
  assert.deepEqual(Object.keys(answer), ['status', 'message']);
  for (const [method, path, body] of [
    ['GET', ''],
    ['GET', '/player.json'],
    ['GET', '/complete'],
    ['PATCH', '', { title: 'x' }],
    ['DELETE', '/thumbnail'],
    ['DELETE', ''],
  ] as const) {
    assertRefusal(await client.call(method, `/media/${id}${path}`, body), 'not_found', []);
  }
  assertRefusal(await client.uploadPart(id, { bytes: Buffer.from('x') }), 'not_found', []);
  assert.deepEqual((await client.expect(200, 'POST', '/media')).data, { media: [], total: 0 });
  const deleted = await client.expect(200, 'POST', '/media', { status: ['deleted'] });
  assert.deepEqual(deleted.data, { media: [], total: 0 });
});
