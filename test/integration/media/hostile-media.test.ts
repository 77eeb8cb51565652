import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { glob, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mediaDir, publicDir } from '../../../src/media/files/media-files.ts';
import { makeClip } from '../../support/media/clips.ts';
import {
  attachingMkv,
  EMPTY_ZIP,
  elsewhereMov,
  gifBomb,
  millionFrames,
  pageInMp3,
  pngBomb,
  referringTexts,
  slowVideo,
  soundOfNothing,
  truncatedMp4,
  wideClip,
} from '../../support/media/hostile-samples.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** A secret in a file and in an attachment, which must be seen nowhere. */
const SECRET = 'canary-6f1d0c';
/** Maximum time from a sample's completion to its end, on a busy machine, in milliseconds. */
const BOUND_MS = 20_000;
const QUALITIES = [{ resolution: '144p' }];
const NOT_MEDIA = /^the file is damaged, or of a format that is not accepted$/;

let dir: string;
let service: TestService;
let client: ApiClient;
let receiver: Receiver;
/** A server that hostile files name, which counts connections. */
let target: Server;
let connections = 0;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hostile-media-'));
  await writeFile(join(dir, 'secret.txt'), SECRET);
  target = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  service = await startTestService({ MEDIAHOOKS_ENCODERS: '2' });
  client = service.client;
  receiver = await Receiver.start();
  await client.createWebhook(receiver.url, { encoding_finished: true, encoding_failed: true });
});

after(async () => {
  await service.stop();
  await receiver.stop();
  await new Promise((resolve) => target.close(resolve));
  await rm(dir, { recursive: true });
});

function targets() {
  const address = target.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { file: join(dir, 'secret.txt'), url: `http://127.0.0.1:${address.port}` };
}

interface End {
  readonly id: string;
  readonly types: string[];
  readonly error: string | null;
  readonly assets: Record<string, string>;
}

async function endOf(bytes: Uint8Array, fields: Record<string, unknown> = {}): Promise<End> {
  const id = await client.upload(bytes, { qualities: QUALITIES, ...fields });
  const startedAt = performance.now();
  await receiver.until(() => receiver.types(id).length > 0);
  assert.ok(performance.now() - startedAt < BOUND_MS, 'it took too long');
  const { error, assets } = (await client.expect(200, 'GET', `/media/${id}`)).data;
  return { id, types: receiver.types(id), error, assets };
}

/** Asserts that no server was reached, and that no served file holds data of others. */
async function assertNothingLeaked({ id, error }: Pick<End, 'id' | 'error'>): Promise<void> {
  assert.equal(connections, 0);
  assert.doesNotMatch(error ?? '', /\/tmp|secret|passwd|127\.0\.0\.1|0x[0-9a-f]{6}/);
  for await (const file of glob('**/*.*', { cwd: publicDir(mediaDir(service.dataDir, id)) })) {
    const bytes = await readFile(join(publicDir(mediaDir(service.dataDir, id)), file));
    assert.ok(!bytes.includes(SECRET), file);
  }
}

test('a file that names others, or is no media, fails, and nothing is reached', async () => {
  const samples = { ...referringTexts(targets()), 'a ZIP archive': EMPTY_ZIP };
  await Promise.all(
    Object.entries(samples).map(async ([name, content]) => {
      const end = await endOf(Buffer.from(content));
      assert.deepEqual(end.types, ['encoding.failed'], name);
      assert.match(end.error ?? '', NOT_MEDIA, name);
      await assertNothingLeaked(end);
    }),
  );
});

test('a file that would only take time and memory fails before it is encoded, with a reason', async () => {
  const samples: Record<string, [Buffer | Promise<Buffer>, RegExp]> = {
    'a GIF of 16,000 pixels a side': [gifBomb(16_000), /^the picture is 16000×16000 pixels large; at most/],
    'a video 16,000 pixels wide': [wideClip(dir), /^the picture is 16000×16 pixels large; at most/],
    'a file of 0 duration': [soundOfNothing(), /a duration of 0: there is nothing in it to play$/],
    'a truncated MP4': [truncatedMp4(dir), NOT_MEDIA],
    'an index of a million frames': [
      millionFrames(dir, 512),
      /^the file claims 1000000 frames, which are more/,
    ],
    'one that lets them last a second': [
      millionFrames(dir, 1),
      /^the file claims 1000000 frames, which are more/,
    ],
    'two frames, days apart': [slowVideo(dir, 100_000), /^the file lasts 200000 seconds; at most 86400/],
  };
  await Promise.all(
    Object.entries(samples).map(async ([name, [bytes, reason]]) => {
      const end = await endOf(await bytes);
      assert.deepEqual(end.types, ['encoding.failed'], name);
      assert.match(end.error ?? '', reason, name);
      await assertNothingLeaked(end);
    }),
  );
});

test('a file whose media is stored elsewhere ends one way or the other, and nothing is reached', async () => {
  const { file, url } = targets();
  for (const bytes of [
    await elsewhereMov(dir, `${url}/video.mov`),
    await elsewhereMov(dir, `file://${file}`),
  ]) {
    const end = await endOf(bytes);
    assert.equal(end.types.length, 1);
    assert.equal(end.error === null, end.types[0] === 'encoding.finished');
    await assertNothingLeaked(end);
  }
});

test('an empty file is refused on arrival', async () => {
  const { id } = await client.createMedia();
  const part = await client.uploadPart(id, { bytes: Buffer.alloc(0) });
  assert.deepEqual([part.status, part.body.code], [400, 'invalid_upload']);
  const completed = await client.call('GET', `/media/${id}/complete`);
  assert.deepEqual([completed.status, completed.body.code], [400, 'upload_incomplete']);
});

test('a file attached to a video is not served', async () => {
  const end = await endOf(await attachingMkv(dir, SECRET));
  assert.deepEqual(end.types, ['encoding.finished']);
  await assertNothingLeaked(end);
  const names = await readdir(publicDir(mediaDir(service.dataDir, end.id)), { recursive: true });
  assert.ok(!names.some((name) => name.includes('html')), names.join());
});

test('a file that is sound and a page is never served as a page', async () => {
  const page = `<html><script>alert("${SECRET}")</script></html>`;
  const end = await endOf(await pageInMp3(dir, page));
  assert.deepEqual(end.types, ['encoding.finished']);
  await assertNothingLeaked(end);
  const { publicKey, secretKey } = client.credentials;
  const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  const source = await fetch(end.assets.source_url ?? '', { headers: { authorization } });
  assert.ok((await source.text()).includes(page));
  assert.equal(source.headers.get('content-type'), 'application/octet-stream');
  assert.equal(source.headers.get('content-disposition'), 'attachment');
  assert.equal(source.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(source.headers.get('content-security-policy'), "default-src 'none'; sandbox");
  assert.equal(
    (await fetch(end.assets.hls_url ?? '')).headers.get('content-type'),
    'application/vnd.apple.mpegurl',
  );
});

test('names are text: none becomes a path, a shell command or an option', async () => {
  const clip = await makeClip({ width: 64, height: 64 });
  const marker = join(dir, 'marker');
  const names = [
    '../../../escaped.mp4',
    '/etc/passwd',
    `$(touch ${marker})`,
    `\`touch ${marker}\`; touch ${marker} #`,
    `-y "b'c\nb\r\nc`,
    'http://127.0.0.1/x.m3u8',
    '\u202egpj.exe\0',
  ];
  const known = await readdir(service.dataDir);
  await Promise.all(
    names.map(async (name) => {
      const { id } = await client.createMedia({ title: name.replaceAll('\0', ''), qualities: QUALITIES });
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(clip)]), name);
      const part = await client.send(`/media/${id}/part`, { method: 'POST', body: form });
      assert.equal(part.status, 200, JSON.stringify(part.body));
      await client.expect(200, 'GET', `/media/${id}/complete`);
      await receiver.until(() => receiver.types(id).length > 0);
      assert.deepEqual(receiver.types(id), ['encoding.finished'], name);
      const files = await readdir(mediaDir(service.dataDir, id));
      assert.deepEqual(
        files.filter((file) => !['public', 'source', 'parts', 'work'].includes(file)),
        [],
        name,
      );
    }),
  );
  assert.ok(!existsSync(marker));
  assert.deepEqual(await readdir(service.dataDir), known);
});

test('a picture that would fill the memory becomes no thumbnail', async () => {
  const { id } = await client.createMedia();
  for (const [bytes, reason] of [
    [pngBomb(16_000), /the picture is 16000×16000 pixels large/],
    [Buffer.from(referringTexts(targets())['an SVG picture'] ?? ''), /expected a picture/],
  ] as const) {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(bytes)]), 'x.png');
    const answer = await client.send(`/media/${id}/thumbnail`, { method: 'POST', body: form });
    assert.deepEqual([answer.status, answer.body.code], [415, 'unsupported_media_type']);
    assert.match(answer.body.message, reason);
  }
  assert.equal(connections, 0);
});

test('a file larger or longer than the settings allow is not accepted, and neither is such a picture', async (t) => {
  const MAX_PIXELS = 128 * 64;
  const settings = { MEDIAHOOKS_MAX_FRAME_PIXELS: String(MAX_PIXELS), MEDIAHOOKS_MAX_DURATION: '2' };
  const small = await startTestService(settings);
  t.after(() => small.stop());
  await small.client.createWebhook(receiver.url, { encoding_finished: true, encoding_failed: true });
  const ended = async (bytes: Buffer) => {
    const id = await small.client.upload(bytes, { qualities: QUALITIES });
    await receiver.until(() => receiver.types(id).length > 0);
    return { id, types: receiver.types(id) };
  };
  const reasonFor = async (clip: Parameters<typeof makeClip>[0]) => {
    const { id, types } = await ended(await makeClip(clip));
    assert.deepEqual(types, ['encoding.failed']);
    return (await small.client.expect(200, 'GET', `/media/${id}`)).data.error;
  };
  const large = /^the picture is 130×64 pixels large; at most 8192 pixels are accepted/;
  assert.match(await reasonFor({ width: 130, height: 64 }), large);
  const long = /^the file lasts 3 seconds; at most 2 are accepted$/;
  assert.match(await reasonFor({ width: 128, height: 64, seconds: 3 }), long);
  const taken = await ended(await makeClip({ width: 128, height: 64 }));
  assert.deepEqual(taken.types, ['encoding.finished']);

  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(pngBomb(96))]), 'x.png');
  const answer = await small.client.send(`/media/${taken.id}/thumbnail`, { method: 'POST', body: form });
  assert.deepEqual([answer.status, answer.body.code], [415, 'unsupported_media_type']);
  assert.match(answer.body.message, /the picture is 96×96 pixels large; at most 8192 pixels are accepted/);
});

test('an encode that takes too much time, disk space or memory is ended with a reason', async (t) => {
  const bounded = async (
    settings: Record<string, string>,
    bytes: Buffer,
    qualities: object[] = QUALITIES,
  ) => {
    const one = await startTestService(settings);
    t.after(() => one.stop());
    await one.client.createWebhook(receiver.url, { encoding_finished: true, encoding_failed: true });
    const id = await one.client.upload(bytes, { qualities });
    await receiver.until(() => receiver.types(id).length > 0);
    assert.deepEqual(receiver.types(id), ['encoding.failed']);
    return (await one.client.expect(200, 'GET', `/media/${id}`)).data.error;
  };
  // Two million frames, all alike.
  const long = await bounded({ MEDIAHOOKS_ENCODE_TIMEOUT: '2' }, await slowVideo(dir, 40_000));
  assert.equal(long, '144p: encoding the file takes longer than the limit');
  const clip = await makeClip({ seconds: 2 });
  const large = await bounded({ MEDIAHOOKS_MAX_ENCODED_BYTES: '20000' }, clip);
  assert.equal(large, '144p: the encoded media is larger than the limit');
  const wide = await makeClip({ width: 1920, height: 1080 });
  const qualities = [{ resolution: '1080p', video_config: { codec: 'h265' } }];
  const memory = await bounded({ MEDIAHOOKS_ENCODER_MEMORY: '600' }, wide, qualities);
  assert.equal(memory, '1080p: encoding the file takes more memory than the limit');
});
