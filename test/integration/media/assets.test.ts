import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { mediaDir } from '../../../src/media/files/media-files.ts';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { type ApiClient, basicHeaders } from '../../support/service/api-client.ts';
import { exchangeRaw } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

interface Assets {
  readonly [name: string]: string;
}

let service: TestService;
let receiver: Receiver;
let client: ApiClient;
let clip: Buffer;
/** A media that is encoded once, with every kind of file. */
let id: string;
let assets: Assets;

before(async () => {
  service = await startTestService();
  client = service.client;
  receiver = await Receiver.start();
  await client.createWebhook(receiver.url, { encoding_finished: true, encoding_failed: true });
  clip = await makeClip({ width: 256, height: 144 });
  id = await encode({
    is_mp4: true,
    qualities: [{ resolution: '144p' }, { resolution: '144p', type: 'dash' }],
  });
  assets = (await client.expect(200, 'GET', `/media/${id}`)).data.assets;
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

async function encode(fields: Record<string, unknown>): Promise<string> {
  const made = await client.upload(clip, fields);
  await receiver.until(() => receiver.types(made).length > 0);
  assert.deepEqual(receiver.types(made), ['encoding.finished']);
  return made;
}

/** Fetches as a browser would, without credentials. */
async function get(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(url, { headers, method });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: bytes.toString('utf8') };
}

async function assertAbsent(url: string, headers: Record<string, string> = {}): Promise<void> {
  const { status, headers: answered, text } = await get(url, headers);
  assert.equal(answered.get('cache-control'), null, url);
  assertRefusal({ status, contentType: answered.get('content-type'), body: JSON.parse(text) }, 'not_found');
}

/** Returns the addresses that a playlist names. */
function linesOf(playlist: string, base: string): string[] {
  const lines = playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => new URL(line, base).href);
}

test('every file that is made can be fetched by anybody, with its type', async () => {
  const { url } = service.service;
  const expected = {
    source_url: `${url}/assets/${id}/source`,
    thumbnail_url: `${url}/assets/${id}/thumbnail.jpg`,
    hls_url: `${url}/assets/${id}/hls/master.m3u8`,
    hls_player_url: `${url}/player/${id}/hls`,
    dash_url: `${url}/assets/${id}/dash/manifest.mpd`,
    dash_player_url: '',
    dash_iframe: '',
    mp4_url: `${url}/assets/${id}/download.mp4`,
  };
  const { hls_iframe = '', ...urls } = assets;
  assert.deepEqual(urls, expected);
  assert.ok(hls_iframe.includes(`src="${expected.hls_player_url}"`));

  const master = await get(expected.hls_url);
  const [index = ''] = linesOf(master.text, expected.hls_url);
  const playlist = await get(index);
  const [segment = ''] = linesOf(playlist.text, index);
  for (const [address, type, cacheControl] of [
    [expected.hls_url, 'application/vnd.apple.mpegurl', 'no-cache'],
    [index, 'application/vnd.apple.mpegurl', 'no-cache'],
    [segment, 'video/iso.segment', 'public, max-age=3600'],
    [expected.dash_url, 'application/dash+xml', 'no-cache'],
    [expected.thumbnail_url, 'image/jpeg', 'no-cache'],
    [expected.mp4_url, 'video/mp4', 'no-cache'],
  ] as const) {
    const { status, headers, bytes } = await get(address);
    assert.deepEqual([status, headers.get('content-type')], [200, type], address);
    assert.equal(headers.get('cache-control'), cacheControl, address);
    assert.equal(headers.get('access-control-allow-origin'), '*', address);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', address);
    assert.equal(Number(headers.get('content-length')), bytes.length, address);
    assert.ok(bytes.length > 0, address);
  }
  assert.match(master.text, /^#EXTM3U/);
  assert.match((await get(expected.dash_url)).text, /<MPD/);
});

test('links lead to files that exist, and are empty for those that do not', async () => {
  const failed = await client.upload(Buffer.from('no media, but a file'));
  await receiver.until(() => receiver.types(failed).length > 0);
  const links = (await client.expect(200, 'GET', `/media/${failed}`)).data.assets;
  const { source_url, ...others } = links;
  assert.equal((await get(source_url, client.headers)).status, 200);
  for (const [name, link] of Object.entries(others)) assert.equal(link, '', name);
});

test('an id in capitals is the same id', async () => {
  const capitals = id.toUpperCase();
  const { data } = await client.expect(200, 'GET', `/media/${capitals}`);
  assert.equal(data.id, id);
  const { url } = service.service;
  assert.equal((await get(`${url}/assets/${capitals}/hls/master.m3u8`)).status, 200);
  const player = await get(`${url}/player/${capitals}/hls`);
  assert.ok(player.text.includes(`/assets/${id}/hls/master.m3u8`));
});

test('ranges are served byte for byte, HEAD without a body', async () => {
  const url = assets.mp4_url ?? '';
  const whole = (await get(url)).bytes;
  const size = whole.length;
  for (const [range, from, to] of [
    ['bytes=0-9', 0, 10],
    ['bytes=100-199', 100, 200],
    ['bytes=-5', size - 5, size],
    [`bytes=${size - 1}-`, size - 1, size],
    [`bytes=10-${size * 2}`, 10, size],
  ] as const) {
    const { status, headers, bytes } = await get(url, { range });
    assert.equal(status, 206, range);
    assert.equal(headers.get('content-range'), `bytes ${from}-${to - 1}/${size}`);
    assert.ok(bytes.equals(whole.subarray(from, to)), range);
  }
  const beyond = await get(url, { range: `bytes=${size}-` });
  assert.equal(beyond.headers.get('content-range'), `bytes */${size}`);
  const contentType = beyond.headers.get('content-type');
  const answer = { status: beyond.status, contentType, body: JSON.parse(beyond.text) };
  assertRefusal(answer, 'range_not_satisfiable');

  const head = await get(url, {}, 'HEAD');
  assert.deepEqual([head.status, head.bytes.length], [200, 0]);
  assert.equal(Number(head.headers.get('content-length')), size);
  assert.equal(head.headers.get('accept-ranges'), 'bytes');
});

test('only the owner can download the source', async () => {
  const url = assets.source_url ?? '';
  await assertAbsent(url);
  await assertAbsent(url, (await service.newAccount()).client.headers);
  const { status, headers, bytes } = await get(url, client.headers);
  assert.equal(status, 200);
  assert.ok(bytes.equals(clip));
  assert.equal(headers.get('content-type'), 'application/octet-stream');
  assert.equal(headers.get('content-disposition'), 'attachment');
  const part = await get(url, { ...client.headers, range: 'bytes=5-9' });
  assert.deepEqual([part.status, part.bytes.equals(clip.subarray(5, 10))], [206, true]);
});

test('no path leads out of what is public', async () => {
  const base = `/assets/${id}`;
  const other = await client.upload(Buffer.from('no media, but a file'), { is_public: false });
  for (const path of [
    `${base}/../source`,
    `${base}/..%2fsource`,
    `${base}/%2e%2e/source`,
    `${base}/%2e%2e%2fsource`,
    `${base}/..%5csource`,
    `${base}/./source`,
    `${base}//source`,
    `${base}/hls/../source`,
    `${base}/hls/..%2f..%2fsource`,
    `${base}/..%2f..%2f${other}%2fsource`,
    `${base}/..%2f..%2f..%2fmediahooks.sqlite`,
    `${base}/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd`,
    `${base}/%2fetc%2fpasswd`,
    `${base}/source%00`,
    `${base}/source%00.jpg`,
    `${base}/.hidden`,
    `${base}/hls`,
    `${base}/hls/`,
    `${base}/`,
    base,
    `${base}/nothing.ts`,
    `${base}/hls/0-144p/nothing.m4s`,
    `/assets/not-an-id/source`,
    `/assets/${other}/source`,
    `/assets/../mediahooks.sqlite`,
  ]) {
    const answer = await exchangeRaw(
      service.service.url,
      `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assertRefusal(answer, answer.status === 404 ? 'not_found' : 'invalid_request');
    if (path.startsWith(`${base}/`) && answer.status === 404) {
      assert.equal(answer.body.message, 'file not found', path);
    }
    if (path.includes('%00')) assert.equal(answer.status, 404, path);
  }
});

test('a media that is not public serves its files only to its owner', async () => {
  const hidden = await encode({ is_public: false, qualities: [{ resolution: '144p' }] });
  const stranger = (await service.newAccount()).client.headers;
  const own = client.headers;
  const { url: origin } = service.service;
  const hls_url = `${origin}/assets/${hidden}/hls/master.m3u8`;
  const thumbnail_url = `${origin}/assets/${hidden}/thumbnail.jpg`;
  for (const url of [hls_url, thumbnail_url, `${origin}/player/${hidden}/hls`]) {
    await assertAbsent(url);
    await assertAbsent(url, stranger);
    const { status, headers } = await get(url, own);
    assert.equal(status, 200, url);
    assert.doesNotMatch(headers.get('cache-control') ?? '', /public/);
  }
  await assertAbsent(hls_url, basicHeaders('a', 'b'));
  const [index = ''] = linesOf((await get(hls_url, own)).text, hls_url);
  const [segment = ''] = linesOf((await get(index, own)).text, index);
  await assertAbsent(segment);
  assert.match((await get(segment, own)).headers.get('cache-control') ?? '', /private/);

  await client.expect(200, 'PATCH', `/media/${hidden}`, { is_public: true });
  assert.equal((await get(hls_url)).status, 200);
});

test('the player page holds a player of the stream, and may be framed', async () => {
  const { status, headers, text } = await get(assets.hls_player_url ?? '');
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(headers.get('x-frame-options'), null);
  assert.ok(text.includes(`<video src="../../assets/${id}/hls/master.m3u8"`));
  const base = `${service.service.url}/player`;
  await assertAbsent(`${base}/${crypto.randomUUID()}/hls`);
  await assertAbsent(`${base}/${id}/dash`);
  assert.equal((await get(`${base}/x/hls`)).status, 400);
});

test('a deleted media has no files, neither for the web nor on the disk', async () => {
  const doomed = await encode({ is_mp4: true, qualities: [{ resolution: '144p' }] });
  const urls: Assets = (await client.expect(200, 'GET', `/media/${doomed}`)).data.assets;
  const dir = mediaDir(service.dataDir, doomed);
  assert.ok(existsSync(dir));
  await client.expect(200, 'DELETE', `/media/${doomed}`);
  assert.ok(!existsSync(dir));
  for (const [name, url] of Object.entries(urls)) {
    if (url !== '' && name.endsWith('_url')) await assertAbsent(url, client.headers);
  }
});
