import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { linkKeyFile } from '../../../src/data-folder/paths.ts';
import { see } from '../../../src/media/encoding/testing/sample-clips.ts';
import { openLinkKey } from '../../../src/media/link-key.ts';
import { MediaLinks } from '../../../src/media/links.ts';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let client: ApiClient;
let receiver: Receiver;
/** A media that is not public, with every kind of file. */
let id: string;
let assets: Record<string, string>;
let otherAssets: Record<string, string>;

before(async () => {
  service = await startTestService();
  client = service.client;
  receiver = await Receiver.start();
  await client.createWebhook(receiver.url, { encoding_finished: true, encoding_failed: true });
  const clip = await makeClip({ width: 256, height: 144 });
  const qualities = [{ resolution: '144p' }, { resolution: '144p', type: 'dash' }];
  const upload = async (fields: Record<string, unknown>) => {
    const made = await client.upload(clip, { is_public: false, ...fields });
    await receiver.until(() => receiver.types(made).length > 0);
    assert.deepEqual(receiver.types(made), ['encoding.finished']);
    return { made, links: (await client.expect(200, 'GET', `/media/${made}`)).data.assets };
  };
  const first = await upload({ qualities, is_mp4: true });
  [id, assets] = [first.made, first.links];
  otherAssets = (await upload({ qualities: [{ resolution: '144p' }] })).links;
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}

async function codeOf(url: string): Promise<string> {
  return ((await (await fetch(url)).json()) as { code: string }).code;
}

const link = (name: string) => assets[name] ?? '';
const tokenIn = (url: string) => /\/t\/([^/]+)\//.exec(url)?.[1] ?? '';

test('signed links play a private media without credentials, down to its segments', async () => {
  for (const name of ['hls_url', 'dash_url', 'thumbnail_url', 'mp4_url', 'hls_player_url']) {
    const response = await fetch(link(name));
    assert.equal(response.status, 200, name);
    assert.ok(tokenIn(link(name)).length > 40, name);
    assert.doesNotMatch(response.headers.get('cache-control') ?? '', /public/, name);
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer', name);
  }
  // ffprobe has no credentials, and follows the links in playlist and manifest as a player does.
  for (const name of ['hls_url', 'dash_url', 'mp4_url']) {
    const { streams, seconds } = await see(link(name));
    assert.ok(streams.some(({ codec_name }) => codec_name === 'h264') && seconds > 0.5, name);
  }
});

test('the player page and its frame contain the token', async () => {
  const page = await (await fetch(link('hls_player_url'))).text();
  const source = /<video src="([^"]+)"/.exec(page)?.[1] ?? '';
  assert.equal(new URL(source, link('hls_player_url')).href, link('hls_url'));
  assert.ok(link('hls_iframe').includes(`src="${link('hls_player_url')}"`));
});

test('a link that was changed, or that belongs to another media, shows nothing', async () => {
  const token = tokenIn(link('hls_url'));
  const [expiry = '', signature = ''] = token.split('.');
  const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
  const others = tokenIn(otherAssets.hls_url ?? '');
  assert.notEqual(others, token);
  for (const wrong of [others, `${expiry}.${flipped}`, `${Number(expiry) + 60}.${signature}`, expiry, 'x']) {
    for (const name of ['hls_url', 'hls_player_url']) {
      const url = link(name).replace(token, wrong);
      assert.deepEqual([await statusOf(url), await codeOf(url)], [404, 'not_found'], url);
    }
  }
});

test('an expired link says so', async () => {
  const key = await openLinkKey(linkKeyFile(service.dataDir));
  const past = new MediaLinks({ key, ttlMs: 3_600_000, now: () => Date.now() - 2 * 3_600_000 }).tokenFor(id);
  for (const name of ['hls_url', 'hls_player_url']) {
    const url = link(name).replace(tokenIn(link(name)), past);
    assert.deepEqual([await statusOf(url), await codeOf(url)], [403, 'link_expired'], name);
  }
});

test('a signed link does not lead to the source, nor out of the media', async () => {
  const base = link('hls_url').replace('/hls/master.m3u8', '');
  for (const path of ['source', '..%2fsource', 'hls/..%2f..%2fsource', '..%2f..%2f..%2flink-key']) {
    assert.equal(await statusOf(`${base}/${path}`), 404, path);
  }
  assert.equal(tokenIn(link('source_url')), '', 'it asks for credentials');
});

test('players of other origins may read the files, and the headers say which', async () => {
  for (const url of [link('hls_url'), link('hls_url').replace(tokenIn(link('hls_url')), 'x')]) {
    const { headers } = await fetch(url, { headers: { origin: 'https://example.com' } });
    assert.equal(headers.get('access-control-allow-origin'), '*');
    assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox");
  }
  const preflight = await fetch(link('mp4_url'), {
    method: 'OPTIONS',
    headers: { origin: 'https://example.com', 'access-control-request-headers': 'range' },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /range/);
});

test('links of a public media are unsigned, and a signed link still works once its media is public', async () => {
  await client.expect(200, 'PATCH', `/media/${id}`, { is_public: true });
  const open = (await client.expect(200, 'GET', `/media/${id}`)).data.assets;
  assert.equal(open.hls_url, `${service.service.url}/assets/${id}/hls/master.m3u8`);
  assert.equal(await statusOf(open.hls_url), 200);
  assert.equal(await statusOf(link('hls_url')), 200);
  // Text in the address does not become part of the page, not even for a public media.
  const hostile = encodeURIComponent('"><meta http-equiv=refresh content="0;url=//elsewhere.example/">');
  for (const path of ['player/t', 'assets/t']) {
    const file = path === 'player/t' ? 'hls' : 'hls/master.m3u8';
    const response = await fetch(new URL(`/${path}/${hostile}/${id}/${file}`, link('hls_url')));
    assert.equal(response.status, 400);
    assert.ok(!(await response.text()).includes('<meta http-equiv'));
  }
  await client.expect(200, 'PATCH', `/media/${id}`, { is_public: false });
  assert.equal(await statusOf(open.hls_url), 404);
});
