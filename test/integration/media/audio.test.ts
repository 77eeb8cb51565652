import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeClip, see } from '../../../src/media/encoding/testing/sample-clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let dir: string;
let service: TestService;
let receiver: Receiver;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-audio-'));
  service = await startTestService();
  receiver = await Receiver.start();
  receiver.trust((await service.client.createWebhook(receiver.url)).secret);
});

after(async () => {
  await service.stop();
  await receiver.stop();
  await rm(dir, { recursive: true });
});

test('a file with sound only becomes an audio: every event, and streams of sound', async () => {
  const { client } = service;
  const sound = await readFile(await makeClip(dir, 'sound.m4a', { seconds: 2 }));
  // Announced as a video, as by a client that announces nothing.
  const id = await client.upload(sound, {
    is_mp4: true,
    qualities: [{ resolution: '360p' }, { resolution: '144p', type: 'dash' }],
  });
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  const events = receiver.received.filter(({ event }) => event.media_id === id);
  assert.ok(events.every(({ verified }) => verified));
  const told = events.map(({ event }) => [event.type, event.qualities, event.status]);
  assert.deepEqual(told.slice(0, 2), [
    ['file.received', '144p,360p', 'new'],
    ['encoding.started', '144p,360p', 'transcoding'],
  ]);
  assert.deepEqual(told.slice(2, 4).toSorted(), [
    ['partial.finished', '144p', 'transcoding'],
    ['partial.finished', '360p', 'transcoding'],
  ]);
  assert.deepEqual(told.slice(4), [['encoding.finished', '144p,360p', 'done']]);
  assert.deepEqual(
    events.slice(2).map(({ event }) => event.media_type),
    ['audio', 'audio', 'audio'],
  );

  const { data } = await client.expect(200, 'GET', `/media/${id}`);
  assert.deepEqual([data.type, data.status], ['audio', 'done']);
  assert.ok(Math.abs(data.duration - 2) < 0.2, String(data.duration));
  assert.equal(data.assets.thumbnail_url, '');
  for (const link of ['hls_url', 'dash_url', 'mp4_url']) {
    const { streams, seconds } = await see(data.assets[link]);
    const codecs = streams.map(({ codec_type, codec_name }) => [codec_type, codec_name]);
    assert.deepEqual(codecs, [['audio', 'aac']], link);
    assert.ok(Math.abs(seconds - 2) < 0.3, `${link}: ${seconds}`);
  }
});
