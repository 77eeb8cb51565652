import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { seededRandom, testSeed } from '../../src/platform/testing/seeded-random.ts';
import { makeClip } from '../support/media/clips.ts';
import { assertEmittedOnce, assertLanes, story } from '../support/oracle/lane-log.ts';
import type { Receiver } from '../support/receivers/receiver.ts';
import { deliveriesOf, untilAllEnded } from '../support/service/deliveries.ts';
import { processesBelow } from '../support/service/processes.ts';
import type { ServiceProcess } from '../support/service/service-process.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';
import { assertFilesCounted } from '../support/storage/encoded-usage.ts';

const QUALITIES = [{ resolution: '144p' }, { resolution: '240p', type: 'dash' }];
/** Number of events of a media of these qualities: received, started, two partials, finished. */
const EVENTS = 5;

function seeded(t: TestContext): () => number {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  return seededRandom(seed);
}

/** Uploads a clip in two parts, so that it has to be assembled, and completes it. */
async function upload(
  { client }: ServiceProcess,
  clip: Buffer,
  qualities: readonly object[],
): Promise<string> {
  const { id } = await client.createMedia({ qualities });
  const half = Math.floor(clip.length / 2);
  for (const [start, end] of [
    [0, half],
    [half, clip.length],
  ] as const) {
    const range = `bytes ${start}-${end - 1}/${clip.length}`;
    assert.equal((await client.uploadPart(id, { bytes: clip.subarray(start, end), range })).status, 200);
  }
  await client.expect(200, 'GET', `/media/${id}/complete`);
  return id;
}

/** Asserts that all events of a media have arrived, in order and emitted once; the partials in either order. */
function assertWhole(receiver: Receiver, mediaId: string): void {
  const [received, encodingStarted, ...rest] = story(receiver.received, mediaId);
  assert.equal(received, 'file.received 144p,240p');
  assert.equal(encodingStarted, 'encoding.started 144p,240p');
  assert.deepEqual(rest.slice(0, -1).toSorted(), ['partial.finished 144p', 'partial.finished 240p']);
  assert.equal(rest.at(-1), 'encoding.finished 144p,240p');
}

async function assertAllDone(service: ServiceProcess, receiver: Receiver, media: readonly string[]) {
  for (const id of media) {
    assertWhole(receiver, id);
    const { data } = await service.client.expect(200, 'GET', `/media/${id}`);
    assert.equal(data.status, 'done');
    assert.equal(data.progress, 100);
  }
  assertEmittedOnce(receiver.received);
  await assertFilesCounted(service.dataDir);
}

test('killed at any moment after the 2xx of complete: each event of the media arrives, emitted once', async (t) => {
  const random = seeded(t);
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  const clip = await makeClip({ seconds: 1 });
  const media: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const id = await upload(service, clip, QUALITIES);
    media.push(id);
    // Delays of the kills in milliseconds. The first is at once; an encode takes about as long as the longest.
    await delay(round === 0 ? 0 : random() * 900);
    await service.restart();
    await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  }
  await untilAllEnded(service.client, webhookId);

  const repeats = assertLanes(receiver.received);
  t.diagnostic(`${media.length} kills, ${repeats} repeats`);
  await assertAllDone(service, receiver, media);
});

test('killed again and again, also while starting: all media reach their end, and nothing is emitted twice', async (t) => {
  const random = seeded(t);
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  const clip = await makeClip({ seconds: 2 });
  const media = await Promise.all([1, 2, 3].map(() => upload(service, clip, QUALITIES)));
  const kills = 8;
  for (let kill = 0; kill < kills; kill += 1) {
    await service.kill();
    service.spawn();
    // The service listens after about 0.7 s.
    await delay(random() * 1_600);
  }
  await service.restart();
  await receiver.until(() => receiver.types().filter((type) => type === 'encoding.finished').length >= 3);
  await untilAllEnded(service.client, webhookId);

  const repeats = assertLanes(receiver.received);
  t.diagnostic(`${kills + 1} kills, ${repeats} repeats`);
  await assertAllDone(service, receiver, media);
  const deliveries = await deliveriesOf(service.client, webhookId);
  assert.equal(deliveries.length, media.length * EVENTS);
  assert.ok(deliveries.every(({ state }) => state === 'succeeded'));
});

test('killed during an encode: no encoder is left, and finished qualities are not encoded again', async (t) => {
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  const clip = await makeClip({ width: 1280, height: 720, seconds: 12 });
  const id = await upload(service, clip, [{ resolution: '144p' }, { resolution: '720p' }]);
  await receiver.until(() => receiver.types(id).includes('partial.finished'));
  const playlist = join(service.dataDir, 'media', id, 'public/hls/0-144p/index.m3u8');
  const finishedBefore = await stat(playlist);
  await eventually('the second quality is half way', async () => {
    const { data } = await service.client.expect(200, 'GET', `/media/${id}`);
    assert.equal(data.status, 'transcoding');
    return data.qualities[1].progress > 10;
  });
  assert.notDeepEqual(await processesBelow(service.dataDir), [], 'an encoder is at work');

  await service.kill();
  await eventually(
    'no encoder is left',
    async () => (await processesBelow(service.dataDir)).length === 0,
    2_000,
  );
  await service.start();
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  await untilAllEnded(service.client, webhookId);

  assertLanes(receiver.received);
  assertEmittedOnce(receiver.received);
  assert.deepEqual(story(receiver.received, id), [
    'file.received 144p,720p',
    'encoding.started 144p,720p',
    'partial.finished 144p',
    'partial.finished 720p',
    'encoding.finished 144p,720p',
  ]);
  const finishedAfter = await stat(playlist);
  assert.deepEqual([finishedAfter.ino, finishedAfter.mtimeMs], [finishedBefore.ino, finishedBefore.mtimeMs]);
  assert.deepEqual(
    await readdir(join(service.dataDir, 'media', id, 'work')),
    [],
    'nothing unfinished is left',
  );
});
