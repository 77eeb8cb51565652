import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { makeClip } from '../support/media/clips.ts';
import { assertEmittedOnce, assertLanes, firstArrivals, story } from '../support/oracle/lane-log.ts';
import type { ApiAnswer } from '../support/service/api-client.ts';
import { deliveriesOf, untilAllEnded } from '../support/service/deliveries.ts';
import { processesBelow } from '../support/service/processes.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';
import { SmallDisk } from '../support/storage/small-disk.ts';

/** Longer than the service waits before it checks for room again, in milliseconds. */
const FULL_FOR_MS = 6_000;

/**
 * Starts a service with its data folder on a disk of its own; `null`, and the test is skipped, if no disk can be
 * mounted.
 */
async function startOnSmallDisk(t: TestContext, sizeMib: number) {
  const disk = SmallDisk.mount(sizeMib);
  if (typeof disk === 'string') {
    t.skip(disk);
    return null;
  }
  const started = await startServiceWithReceiver(t, { dataDir: join(disk.path, 'data') });
  // The disk is removed after the service has ended.
  t.after(() => disk.unmount());
  return { disk, ...started };
}

function assertFull({ status, body }: ApiAnswer): void {
  assert.deepEqual([status, body.status, body.code], [503, 'error', 'storage_full']);
}

// Each test has a disk of its own, and waits most of the time, so that they may run at once.
describe('a full disk', { concurrency: true }, () => {
  test('on a full disk new work is refused, accepted work is delivered, and everything continues once there is room', async (t) => {
    const found = await startOnSmallDisk(t, 24);
    if (!found) return;
    const { disk, service, receiver, webhookId } = found;
    const { client, operator } = service;
    const file = randomBytes(1024 * 1024);
    const { id: mediaId } = await client.createMedia({ qualities: [{ resolution: '144p' }] });
    receiver.answer((request, response) => {
      // The first attempt of each media fails, so that a retry is owed while the disk is full.
      response.statusCode = String(request.event.title).endsWith('/1') ? 500 : 200;
      response.end();
    });
    for (const media of ['a', 'b']) {
      for (const number of [1, 2]) {
        assert.equal((await publish(operator, [publishedEvent(client, media, number)]))?.status, 202);
      }
    }
    await receiver.untilCount(2);

    await disk.fill();
    // The database file may have some free room of its own.
    const accepted: string[] = [];
    const refused = await eventually('publishing is refused', async () => {
      const event = publishedEvent(client, `lane-${accepted.length}`, 2);
      const answer = await publish(operator, [event]);
      assert.ok(answer, 'the service is alive');
      if (answer.status !== 202) return answer;
      accepted.push(event.title);
      return null;
    });
    assertFull(refused);
    assertFull(await client.call('POST', '/media/create', { title: 'Refused' }));
    assertFull(await client.uploadPart(mediaId, { bytes: file }));
    t.diagnostic(`${accepted.length} events were still accepted`);
    receiver.answer((_request, response) => void response.end());
    // The retries fall due while nothing can be recorded.
    await delay(FULL_FOR_MS);
    await client.expect(200, 'GET', '/user/me');

    await disk.free();
    await eventually('publishing is accepted', async () => {
      return (await publish(operator, [publishedEvent(client, 'afterwards', 2)]))?.status === 202;
    });
    await client.expect(200, 'POST', '/media/create', { title: 'Accepted' });
    assert.equal((await client.uploadPart(mediaId, { bytes: file })).status, 200);
    await client.expect(200, 'GET', `/media/${mediaId}/complete`);
    await receiver.until(() => receiver.types(mediaId).includes('encoding.failed'));
    await untilAllEnded(client, webhookId);

    assertLanes(receiver.received);
    const arrived = firstArrivals(receiver.received).map(({ event }) => String(event.title));
    const published = arrived.filter((title) => title.includes('/'));
    assert.deepEqual(
      published.toSorted(),
      ['a/1', 'a/2', 'b/1', 'b/2', 'afterwards/2', ...accepted].toSorted(),
      'each accepted event, and none that was refused',
    );
    assert.deepEqual(story(receiver.received, mediaId), [
      'file.received 144p',
      'encoding.started 144p',
      'encoding.failed 144p',
    ]);
    for (const title of ['a/1', 'b/1']) {
      const requests = receiver.received.filter(({ event }) => event.title === title);
      assert.equal(requests.length, 2, 'an attempt that could not be recorded at once is not made again');
    }
    const deliveries = await deliveriesOf(client, webhookId);
    assert.ok(deliveries.every(({ state }) => state === 'succeeded'));
  });

  test('an encode that meets a full disk waits, and is done once there is room', async (t) => {
    const found = await startOnSmallDisk(t, 420);
    if (!found) return;
    const { disk, service, receiver, webhookId } = found;
    const clip = await makeClip({ width: 1280, height: 720, seconds: 6 });
    const qualities = [{ resolution: '720p' }, { resolution: '144p' }];
    const id = await service.client.upload(clip, { qualities });
    const status = async () => (await service.client.expect(200, 'GET', `/media/${id}`)).data;
    await eventually('the first quality is being encoded', async () => (await status()).progress > 0);

    await disk.fill();
    await eventually('the encoder has given up', async () => (await processesBelow(disk.path)).length === 0);
    await delay(FULL_FOR_MS);
    assert.equal((await status()).status, 'transcoding');
    assert.deepEqual(receiver.types(id), ['file.received', 'encoding.started']);

    await disk.free();
    await receiver.until(() => receiver.types(id).some((type) => /^encoding.(finished|failed)$/.test(type)));
    await untilAllEnded(service.client, webhookId);

    assertLanes(receiver.received);
    assertEmittedOnce(receiver.received);
    const [received, encodingStarted, ...rest] = story(receiver.received, id);
    assert.deepEqual([received, encodingStarted], ['file.received 144p,720p', 'encoding.started 144p,720p']);
    assert.deepEqual(rest.slice(0, -1).toSorted(), ['partial.finished 144p', 'partial.finished 720p']);
    assert.equal(rest.at(-1), 'encoding.finished 144p,720p', (await status()).error ?? '');
  });

  test('killed on a full disk: the start says what is wrong, and with room again pending deliveries are sent', async (t) => {
    const found = await startOnSmallDisk(t, 24);
    if (!found) return;
    const { disk, service, receiver, webhookId } = found;
    receiver.answer(() => {});
    const event = publishedEvent(service.client, 'a', 1);
    assert.equal((await publish(service.operator, [event]))?.status, 202);
    await receiver.untilCount(1);
    await disk.fill();
    await service.kill();

    const refused = await service.run(['serve']);
    assert.deepEqual(
      [refused.exitCode, refused.stderr],
      [1, 'mediahooks: the disk that holds the database is full\n'],
    );

    await disk.free();
    receiver.answer((_request, response) => void response.end());
    await service.start();
    await untilAllEnded(service.client, webhookId);
    assert.equal(assertLanes(receiver.received), 1);
    assert.equal(receiver.received.length, 2);
  });

  test('a start on a full disk after an orderly stop does not blame another server', {}, async (t) => {
    const found = await startOnSmallDisk(t, 24);
    if (!found) return;
    const { disk, service } = found;
    await service.terminate();
    await disk.fill();
    const { exitCode, stderr } = await service.run(['serve']);
    assert.equal(exitCode, 1);
    assert.match(stderr, /full/);
  });
});
