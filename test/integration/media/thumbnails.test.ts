import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { scratchDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { type ApiAnswer, type ApiClient, formWithFile } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const run = promisify(execFile);

let service: TestService;
let client: ApiClient;

before(async () => {
  service = await startTestService();
  client = service.client;
});

after(() => service.stop());

/** Makes a picture of one colour, in a format that ffmpeg names by its encoder. */
async function picture(color: string, encoder: 'mjpeg' | 'png'): Promise<Buffer> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `color=${color}:size=64x36`],
      ...['-frames:v', '1', '-c:v', encoder, '-f', 'image2pipe', '-'],
    ],
    { encoding: 'buffer' },
  );
  return stdout;
}

async function setThumbnail(id: string, bytes: Buffer, name = 'file'): Promise<ApiAnswer> {
  const body = formWithFile(bytes, name, 'thumbnail.png');
  return client.send(`/media/${id}/thumbnail`, { method: 'POST', body });
}

async function thumbnailOf(id: string): Promise<{ status: number; type: string | null; bytes: Buffer }> {
  const response = await fetch(`${service.service.url}/assets/${id}/thumbnail.jpg`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes };
}

/** Returns red, green and blue of the middle of a picture. */
async function colorOf(bytes: Buffer): Promise<number[]> {
  const child = execFile(
    'ffmpeg',
    ['-v', 'error', '-i', '-', '-vf', 'scale=1:1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    { encoding: 'buffer' },
  );
  child.stdin?.end(bytes);
  return [...Buffer.concat((await child.stdout?.toArray()) ?? [])];
}

test('a media accepts a JPEG or a PNG as its thumbnail, and returns it as a JPEG', async () => {
  const { id, assets } = await client.createMedia();
  assert.equal((assets as { thumbnail_url: string }).thumbnail_url, '');
  assert.equal((await thumbnailOf(id)).status, 404);

  const set = await setThumbnail(id, await picture('red', 'png'));
  assert.deepEqual([set.status, Object.keys(set.body)], [200, ['status', 'message']]);
  const url = `${service.service.url}/assets/${id}/thumbnail.jpg`;
  assert.equal((await client.expect(200, 'GET', `/media/${id}`)).data.assets.thumbnail_url, url);
  const red = await thumbnailOf(id);
  assert.deepEqual([red.status, red.type], [200, 'image/jpeg']);
  assert.deepEqual([...red.bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  const [r = 0, g = 0, b = 0] = await colorOf(red.bytes);
  assert.ok(r > 200 && g < 50 && b < 50, `${[r, g, b]}`);

  assert.equal((await setThumbnail(id, await picture('blue', 'mjpeg'), 'thumbnail')).status, 200);
  const [r2 = 0, , b2 = 0] = await colorOf((await thumbnailOf(id)).bytes);
  assert.ok(r2 < 50 && b2 > 200);
});

test('once removed, a custom thumbnail is replaced by the one taken from the video', async () => {
  const receiver = await Receiver.start();
  await client.createWebhook(receiver.url, { encoding_finished: true });
  const id = await client.upload(await makeClip(), { qualities: [{ resolution: '144p' }] });
  await receiver.untilCount(1);
  await receiver.stop();
  const own = await thumbnailOf(id);
  assert.equal(own.status, 200);
  await setThumbnail(id, await picture('red', 'png'));
  assert.notDeepEqual((await thumbnailOf(id)).bytes, own.bytes);
  const removed = await client.expect(200, 'DELETE', `/media/${id}/thumbnail`);
  assert.deepEqual(Object.keys(removed), ['status', 'message']);
  assert.deepEqual(await thumbnailOf(id), own);
  await client.expect(200, 'DELETE', `/media/${id}/thumbnail`);
});

test('a file that is no picture is a 4xx, and leaves the thumbnail as it was', async () => {
  const { id } = await client.createMedia();
  const red = await picture('red', 'png');
  await setThumbnail(id, red);
  const before = await thumbnailOf(id);
  const text = Buffer.from('this is a text file, whatever it is called');
  const playlist = Buffer.from('#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n');
  for (const bytes of [text, playlist, red.subarray(0, 40), Buffer.alloc(0)]) {
    assertRefusal(await setThumbnail(id, bytes), 'unsupported_media_type', ['file']);
  }
  const large = await setThumbnail(id, Buffer.alloc(21 * 1024 * 1024));
  assertRefusal(large, 'too_large', ['file']);
  const empty = new FormData();
  empty.append('title', 'no file');
  const none = await client.send(`/media/${id}/thumbnail`, { method: 'POST', body: empty });
  assertRefusal(none, 'invalid_upload', ['file']);
  assertRefusal(await client.call('POST', `/media/${id}/thumbnail`, {}), 'unsupported_media_type');
  assertRefusal(await client.call('POST', `/media/${id}/thumbnail`), 'unsupported_media_type');
  assert.deepEqual(await thumbnailOf(id), before);
  assert.deepEqual(await unfinished(), []);
});

test('a picture may arrive while the encoding of its media begins and ends', async () => {
  const { id } = await client.createMedia({ qualities: [{ resolution: '144p' }] });
  const whole = new Response(formWithFile(await picture('red', 'png')));
  const bytes = new Uint8Array(await whole.arrayBuffer());
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const setting = client.send(`/media/${id}/thumbnail`, {
    method: 'POST',
    headers: { 'content-type': whole.headers.get('content-type') ?? '' },
    body: readable,
    duplex: 'half',
  });
  await writer.write(bytes.subarray(0, bytes.length / 2));
  await eventually('some of the picture is there', async () => (await unfinished()).length === 1);

  await client.uploadPart(id, { bytes: await makeClip() });
  await client.expect(200, 'GET', `/media/${id}/complete`);
  const status = async () => (await client.expect(200, 'GET', `/media/${id}`)).data.status;
  await eventually('it has ended', async () => ['done', 'fail'].includes(await status()));
  assert.equal(await status(), 'done');

  await writer.write(bytes.subarray(bytes.length / 2));
  await writer.close();
  assert.equal((await setting).status, 200);
  const [r = 0, , b = 0] = await colorOf((await thumbnailOf(id)).bytes);
  assert.ok(r > 200 && b < 50);
  assert.deepEqual(await unfinished(), []);
});

/** Lists the pictures that are being received or converted. */
async function unfinished(): Promise<string[]> {
  return readdir(scratchDir(service.dataDir));
}
