import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { seededRandom, testSeed } from '../../src/platform/testing/seeded-random.ts';
import { makeClip } from '../support/media/clips.ts';
import { assertEmittedOnce, assertLanes, story } from '../support/oracle/lane-log.ts';
import type { ApiClient } from '../support/service/api-client.ts';
import { untilAllEnded } from '../support/service/deliveries.ts';
import type { ServiceProcess } from '../support/service/service-process.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';

const PARALLEL_PARTS = 5;

interface Piece {
  readonly bytes: Buffer;
  /** The header `Content-Range` of the part. */
  readonly range: string;
}

function piecesOf(file: Buffer, count: number): Piece[] {
  const length = Math.ceil(file.length / count);
  return Array.from({ length: count }, (_, index) => {
    const start = index * length;
    const bytes = file.subarray(start, start + length);
    return { bytes, range: `bytes ${start}-${start + bytes.length - 1}/${file.length}` };
  });
}

/** Returns the answer of the service if the pieces from `first` to `last` are missing. */
function missing(first: Piece, last = first): RegExp {
  const [, start] = /(\d+)-/.exec(first.range) ?? [];
  const [, end, total] = /-(\d+)\/(\d+)/.exec(last.range) ?? [];
  return new RegExp(`bytes ${start}–${end} of ${total} are missing`);
}

/** Begins to send a part, stops half way, and waits until the service has written some of it. */
async function sendHalf(service: ServiceProcess, mediaId: string, { bytes, range }: Piece): Promise<void> {
  const boundary = 'half';
  const head =
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="part.bin"\r\n` +
    'content-type: application/octet-stream\r\n\r\n';
  const { publicKey, secretKey } = service.client.credentials;
  const sending = request(`${service.url}/api/media/${mediaId}/part`, {
    method: 'POST',
    auth: `${publicKey}:${secretKey}`,
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + bytes.length + boundary.length + 8,
      'content-range': range,
    },
  });
  sending.on('error', () => {});
  sending.write(head);
  sending.write(bytes.subarray(0, bytes.length / 2));
  await eventually('half a part is on the disk', async () => {
    const sizes = await sizesOfUnfinished(service, mediaId);
    return sizes.some((size) => size > 0);
  });
}

async function sizesOfUnfinished(service: ServiceProcess, mediaId: string): Promise<number[]> {
  const dir = join(service.dataDir, 'media', mediaId, 'parts');
  const names = (await readdir(dir)).filter((name) => name.endsWith('.tmp'));
  return Promise.all(names.map(async (name) => (await stat(join(dir, name))).size));
}

test('killed in the middle of a part: acknowledged parts are kept, and only that one is sent again', async (t) => {
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  const clip = await makeClip({ width: 640, height: 360, seconds: 2 });
  const [first, second, third, fourth] = piecesOf(clip, 4) as [Piece, Piece, Piece, Piece];
  const { id } = await service.client.createMedia({ qualities: [{ resolution: '144p' }] });
  for (const piece of [fourth, first]) {
    assert.equal((await service.client.uploadPart(id, piece)).status, 200);
  }
  await sendHalf(service, id, second);

  await service.restart();

  assert.deepEqual(await sizesOfUnfinished(service, id), [], 'what was half written is gone');
  const early = await service.client.call('GET', `/media/${id}/complete`);
  assert.equal(early.status, 400);
  assert.match(early.body.message, missing(second, third));
  assert.equal((await service.client.uploadPart(id, third)).status, 200);
  const stillEarly = await service.client.call('GET', `/media/${id}/complete`);
  assert.match(stillEarly.body.message, missing(second));
  assert.equal(receiver.received.length, 0);

  assert.equal((await service.client.uploadPart(id, second)).status, 200);
  await service.client.expect(200, 'GET', `/media/${id}/complete`);
  await service.restart();
  await service.client.expect(200, 'GET', `/media/${id}/complete`);
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  await untilAllEnded(service.client, webhookId);

  assertLanes(receiver.received);
  assertEmittedOnce(receiver.received);
  assert.deepEqual(story(receiver.received, id), [
    'file.received 144p',
    'encoding.started 144p',
    'partial.finished 144p',
    'encoding.finished 144p',
  ]);
  assert.ok(clip.equals(await readFile(join(service.dataDir, 'media', id, 'source'))));
});

test('killed at random moments of an upload in parts: acknowledged parts need never be sent again', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const random = seededRandom(seed);
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  // The upload is no media file, because this test is about its bytes.
  const file = randomBytes(12 * 1024 * 1024);
  const { id } = await service.client.createMedia({ qualities: [{ resolution: '144p' }] });
  let unacknowledged = piecesOf(file, 48);
  let kills = 0;
  while (unacknowledged.length > 0) {
    const killAfter = kills < 5 ? Math.floor(random() * 9) : Number.POSITIVE_INFINITY;
    const acknowledged = new Set<Piece>();
    await sendAll(service.client, id, unacknowledged, (piece) => {
      acknowledged.add(piece);
      if (acknowledged.size > killAfter) void service.kill();
    });
    unacknowledged = unacknowledged.filter((piece) => !acknowledged.has(piece));
    if (unacknowledged.length === 0) break;
    kills += 1;
    await service.restart();
  }
  await service.client.expect(200, 'GET', `/media/${id}/complete`);
  await receiver.until(() => receiver.types(id).includes('encoding.failed'));
  await untilAllEnded(service.client, webhookId);

  t.diagnostic(`${kills} kills`);
  assert.equal(kills, 5);
  assertLanes(receiver.received);
  assert.deepEqual(story(receiver.received, id), [
    'file.received 144p',
    'encoding.started 144p',
    'encoding.failed 144p',
  ]);
  assert.ok(file.equals(await readFile(join(service.dataDir, 'media', id, 'source'))));
});

/** Sends parts, some at a time, until all are sent or the service has ended. */
async function sendAll(
  client: ApiClient,
  mediaId: string,
  pieces: readonly Piece[],
  onAcknowledged: (piece: Piece) => void,
): Promise<void> {
  const waiting = [...pieces];
  const send = async () => {
    for (let piece = waiting.shift(); piece; piece = waiting.shift()) {
      const answer = await client.uploadPart(mediaId, piece).catch(() => null);
      if (!answer) return;
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      onAcknowledged(piece);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_PARTS }, send));
}
