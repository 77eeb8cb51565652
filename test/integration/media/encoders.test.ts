import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeClip } from '../../support/media/clips.ts';
import { FfmpegWrapper } from '../../support/media/ffmpeg-wrapper.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

interface Encoding extends TestService {
  readonly receiver: Receiver;
}

async function startEncoding(
  t: TestContext,
  ffmpeg: FfmpegWrapper,
  encoders: number,
  settings: Record<string, string> = {},
): Promise<Encoding> {
  const service = await startTestService({
    ...settings,
    MEDIAHOOKS_FFMPEG: ffmpeg.path,
    MEDIAHOOKS_ENCODERS: String(encoders),
  });
  const receiver = await Receiver.start();
  t.after(async () => {
    await service.stop();
    await receiver.stop();
    await ffmpeg.remove();
  });
  await service.client.createWebhook(receiver.url);
  return { ...service, receiver };
}

test('however many media are being encoded, exactly the allowed number of encoders runs', async (t) => {
  const ENCODERS = 3;
  const ffmpeg = await FfmpegWrapper.create();
  const { client, receiver } = await startEncoding(t, ffmpeg, ENCODERS);
  const clip = await makeClip({ width: 256, height: 144, seconds: 2 });
  const qualities = [{ resolution: '144p' }, { resolution: '144p', type: 'dash' }, { resolution: '240p' }];
  const ids = await Promise.all(
    Array.from({ length: 4 }, () => client.upload(clip, { qualities, is_mp4: true })),
  );
  for (const id of ids) await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  const { count, atOnce } = await ffmpeg.runs();
  // Each media has a thumbnail, a run for its smallest quality and one for the others, and an MP4.
  assert.equal(count, ids.length * (1 + 2 + 1));
  assert.equal(atOnce, ENCODERS);
});

test('every ffmpeg that reads an upload gets a maximum size of frames, and its share of the cores', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-encoders-'));
  t.after(() => rm(dir, { recursive: true }));
  const ffmpeg = await FfmpegWrapper.create(`echo "$*" >> '${join(dir, 'runs')}'`);
  const limits = { MEDIAHOOKS_MAX_FRAME_PIXELS: '40000' };
  const { client, receiver } = await startEncoding(t, ffmpeg, availableParallelism(), limits);
  const qualities = [{ resolution: '144p' }, { resolution: '144p', video_config: { codec: 'h265' } }];
  const id = await client.upload(await makeClip({ width: 256, height: 144 }), { qualities });
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  const runs = (await readFile(join(dir, 'runs'), 'utf8')).trim().split('\n');
  assert.equal(runs.length, 1 + qualities.length);
  for (const args of runs) {
    assert.match(args, /-max_pixels 40000 -threads 1 -i file:/);
    assert.deepEqual(new Set(args.match(/-threads \d+/g)), new Set(['-threads 1']), args);
  }
});

test("a video whose thumbnail can't be made is done nevertheless, and has no link to one", async (t) => {
  const ffmpeg = await FfmpegWrapper.create('case "$*" in *made.jpg*) exit 1;; esac');
  const { client, receiver } = await startEncoding(t, ffmpeg, 1);
  const clip = await makeClip({ width: 256, height: 144 });
  const id = await client.upload(clip, { qualities: [{ resolution: '144p' }] });
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  const { assets } = (await client.expect(200, 'GET', `/media/${id}`)).data;
  assert.equal(assets.thumbnail_url, '');
  assert.notEqual(assets.hls_url, '');
});
