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

test('sound without requested qualities gets audio presets of different bitrates, in all its events', async () => {
  const { client } = service;
  const sound = await readFile(await makeClip(dir, 'sound.mp3', { seconds: 1 }));
  for (const announced of [{}, { type: 'audio' }]) {
    const id = await client.upload(sound, announced);
    await receiver.until(() => receiver.types(id).includes('encoding.finished'));
    const events = receiver.received.filter(({ event }) => event.media_id === id).map(({ event }) => event);
    assert.deepEqual(
      events.filter(({ type }) => type !== 'partial.finished').map(({ qualities }) => qualities),
      ['standard,good,highest', 'standard,good,highest', 'standard,good,highest'],
    );
    assert.ok(events.every(({ media_type }) => media_type === 'audio'));
    assert.equal(await toldBitrates(id), 'highest,good,standard');
  }
});

test('every audio preset works, and a video asked for by name keeps the names for its sound', async () => {
  const { client } = service;
  const sound = await readFile(await makeClip(dir, 'sound.ogg', { seconds: 1, args: ['-c:a', 'libopus'] }));
  const presets = ['standard', 'good', 'highest', 'lossless'];
  const id = await client.upload(sound, { type: 'audio', qualities: presets });
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  assert.equal(await toldBitrates(id), presets.join());

  const asked = await client.upload(sound, { qualities: ['1080p', '720p', '360p'] });
  await receiver.until(() => receiver.types(asked).includes('encoding.finished'));
  assert.equal(await toldBitrates(asked), '1080p,720p,360p');
});

/** Returns the names of a media's qualities. Asserts that they are done, and that no two have one bitrate. */
async function toldBitrates(id: string): Promise<string> {
  const { data } = await service.client.expect(200, 'GET', `/media/${id}`);
  assert.deepEqual([data.type, data.status], ['audio', 'done']);
  const master = await (await fetch(data.assets.hls_url)).text();
  const bitrates = [...master.matchAll(/AVERAGE-BANDWIDTH=(\d+)/g)].map(([, bits]) => Number(bits));
  assert.equal(bitrates.length, data.qualities.length, master);
  for (const [index, bits] of bitrates.entries()) {
    const next = bitrates[index + 1] ?? 0;
    assert.ok(bits > next * 1.05, `${bitrates}`);
  }
  return data.qualities.map(({ name }: { name: string }) => name).join();
}
