import assert from 'node:assert/strict';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** The service behind a reverse proxy that serves it below a path, and removes that path. */

const PATH = '/media-api';

let proxy: Server;
let base: string;
let service: TestService;

before(async () => {
  proxy = createServer((request, response) => {
    if (!request.url?.startsWith(`${PATH}/`)) {
      response.writeHead(404).end();
      return;
    }
    const url = new URL(request.url.slice(PATH.length), service.service.url);
    const { method, headers } = request;
    const upstream = httpRequest(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(upstream);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PATH}`;
  service = await startTestService({ MEDIAHOOKS_PUBLIC_URL: `${base}/` });
});

after(async () => {
  await service.stop();
  proxy.close();
});

/** Loads a URL as a browser or a player would. Asserts that it is below the public URL. */
async function load(url: string): Promise<string> {
  assert.ok(url.startsWith(`${base}/`), url);
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  return answer.text();
}

/** Returns the URLs that a page or a playlist refers to, resolved as a browser resolves them. */
function linksIn(text: string, url: string, pattern: RegExp): string[] {
  const links = [...text.matchAll(pattern)].map((match) => new URL(match[1] as string, url).href);
  assert.notEqual(links.length, 0, url);
  return links;
}

test('every URL honours the path of the public URL: links, signed links, players and playlists', async () => {
  const { client } = service;
  const receiver = await Receiver.start();
  await client.createWebhook(receiver.url);
  const clip = await makeClip({ width: 64, height: 64 });
  for (const is_public of [true, false]) {
    const qualities = [{ resolution: '144p' }, { resolution: '144p', type: 'dash' }];
    const id = await client.upload(clip, { is_public, is_mp4: true, qualities });
    await receiver.until(() => receiver.types(id).includes('encoding.finished'));
    const { assets } = (await client.expect(200, 'GET', `/media/${id}`)).data;
    assert.ok(assets.source_url.startsWith(`${base}/`));
    for (const link of ['thumbnail_url', 'mp4_url', 'dash_url']) await load(assets[link]);
    const [player = ''] = linksIn(assets.hls_iframe, base, /src="([^"]+)"/g);
    assert.equal(player, assets.hls_player_url);
    for (const link of linksIn(await load(player), player, /(?:src|poster)="([^"]+)"/g)) await load(link);
    const master = await load(assets.hls_url);
    for (const playlist of linksIn(master, assets.hls_url, /^([^#].*)$/gm)) {
      for (const segment of linksIn(await load(playlist), playlist, /^([^#].*)$/gm)) await load(segment);
    }
  }
  await receiver.stop();
});

test('the description of the API, and its page, lead to the public URL', async () => {
  const page = await load(`${base}/api/docs`);
  const links = linksIn(page, `${base}/api/docs`, /href="([^"#][^"]*)"/g);
  for (const link of links.filter((one) => URL.parse(one)?.host === URL.parse(base)?.host)) await load(link);
  const { servers = [] } = JSON.parse(await load(`${base}/api/openapi.json`));
  for (const { url } of servers) {
    assert.equal(new URL(url, `${base}/api/openapi.json`).href.replace(/\/$/, ''), base);
  }
});
