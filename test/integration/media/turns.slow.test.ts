import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PICTURES_AT_ONCE, PICTURES_PER_ACCOUNT } from '../../../src/media/picture-queue.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { makeClip } from '../../support/media/clips.ts';
import { FfmpegWrapper } from '../../support/media/ffmpeg-wrapper.ts';
import { ONE_PIXEL } from '../../support/media/pictures.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { type ApiClient, formWithFile } from '../../support/service/api-client.ts';
import { startTestService } from '../../support/service/service.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

/** Shares of accounts in the encoders and in the conversion of pictures, counted in processes of ffmpeg. */

const SETTINGS = { MEDIAHOOKS_ENCODERS: '1' };
const QUALITIES = { qualities: ['144p'] };

/** Makes a program in place of ffmpeg whose runs wait, counted as begun, until `open` is called. */
async function gatedFfmpeg(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-turns-'));
  const gate = join(dir, 'open');
  const ffmpeg = await FfmpegWrapper.create('', `while [ ! -e '${gate}' ]; do sleep 0.05; done`);
  t.after(async () => {
    await ffmpeg.remove();
    await rm(dir, { recursive: true });
  });
  return { ffmpeg, open: () => writeFile(gate, '') };
}

/** Returns a picture that looks the same as the others, but has other bytes. */
function picture(nth: number): Buffer {
  return Buffer.concat([ONE_PIXEL, Buffer.from(`picture ${nth}`)]);
}

/** Sends a picture. Returns the status of the answer, and after how many seconds to retry. */
async function setThumbnail(url: string, client: ApiClient, id: string, bytes: Buffer) {
  const { status, headers } = await fetch(`${url}/api/media/${id}/thumbnail`, {
    ...{ method: 'POST', headers: client.headers },
    body: formWithFile(bytes, 'file', 'thumbnail.png'),
  });
  return { status, retryAfter: Number(headers.get('retry-after')) };
}

test('however many thumbnails are set, few are converted at once, and accounts do not wait for others', async (t) => {
  const { ffmpeg, open } = await gatedFfmpeg(t);
  const settings = { ...SETTINGS, MEDIAHOOKS_FFMPEG: ffmpeg.path };
  const { service, client, operator, newAccount, stop } = await startTestService(settings);
  t.after(stop);
  // An encode of another account occupies the only encoder.
  await operator.upload(await makeClip({ width: 64, height: 64 }), QUALITIES);
  await ffmpeg.untilBegun(1);

  const answered: { status: number; retryAfter: number }[] = [];
  const set = async (by: ApiClient, bytes: Buffer) => {
    const { id } = await by.createMedia();
    answered.push(await setThumbnail(service.url, by, id, bytes));
  };
  const sent = Array.from({ length: 16 }, (_, nth) => set(client, picture(nth)));
  await eventually('all that are too many are refused', async () => answered.length === 12);
  assert.ok(answered.every(({ status, retryAfter }) => status === 429 && retryAfter > 0));
  await ffmpeg.untilBegun(2);

  // The second slot for pictures is for other accounts.
  const { client: other } = await newAccount();
  const others = set(other, picture(0));
  await ffmpeg.untilBegun(3);
  await open();
  await Promise.all([...sent, others]);
  const done = answered.filter(({ status }) => status === 200);
  assert.equal(done.length, PICTURES_PER_ACCOUNT + 1);
  await eventually('the encode has ended', async () => {
    const { count, atOnce } = await ffmpeg.runs();
    assert.ok(atOnce <= Number(SETTINGS.MEDIAHOOKS_ENCODERS) + PICTURES_AT_ONCE);
    // The encode has a thumbnail and one quality.
    return count === done.length + 2;
  });
});

test('a picture that is sent several times is converted once', async (t) => {
  const { ffmpeg, open } = await gatedFfmpeg(t);
  const { service, client, stop } = await startTestService({ MEDIAHOOKS_FFMPEG: ffmpeg.path });
  t.after(stop);
  const { id } = await client.createMedia();
  const send = async (nth: number) => (await setThumbnail(service.url, client, id, picture(nth))).status;
  const same = [send(1), send(1), send(1)];
  await ffmpeg.untilBegun(1);
  await open();
  assert.deepEqual(await Promise.all(same), [200, 200, 200]);
  assert.equal(await send(1), 200);
  assert.equal((await ffmpeg.runs()).count, 1);
  assert.equal(await send(2), 200);
  await client.expect(200, 'DELETE', `/media/${id}/thumbnail`);
  assert.equal(await send(2), 200);
  assert.equal((await ffmpeg.runs()).count, 3);
});

test('a clip does not wait for the queue of another account, even after a restart', async (t) => {
  const { ffmpeg, open } = await gatedFfmpeg(t);
  const settings = { ...SETTINGS, MEDIAHOOKS_FFMPEG: ffmpeg.path };
  const service = await ServiceProcess.create({ settings });
  const receiver = await Receiver.start();
  t.after(async () => {
    await service.remove();
    await receiver.stop();
  });
  await service.start();
  const clip = await makeClip({ width: 64, height: 64 });
  for (const client of [service.client, service.operator]) {
    await client.createWebhook(receiver.url, { encoding_finished: true });
  }
  const queue: string[] = [];
  for (let nth = 0; nth < 5; nth += 1) queue.push(await service.client.upload(clip, QUALITIES));
  const late = await service.operator.upload(clip, QUALITIES);
  await ffmpeg.untilBegun(1);
  await service.restart();
  await ffmpeg.untilBegun(2);
  await open();
  await receiver.untilCount(queue.length + 1);
  const finished = receiver.received.map(({ event }) => event.media_id);
  assert.deepEqual(
    finished.filter((id) => id !== late),
    queue,
  );
  assert.ok(finished.indexOf(late) <= 3, `${finished.indexOf(late)} media were finished before it`);
});
