import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { mediaDir, trashDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { processesBelow } from '../../support/service/processes.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const PARTS = 40;

let service: TestService;
let receiver: Receiver;
let clip: Buffer;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_ENCODERS: '1' });
  receiver = await Receiver.start();
  await service.client.createWebhook(receiver.url);
  // Long enough that the encode is still running when the media is deleted, on any machine.
  clip = await makeClip({ width: 640, height: 360, seconds: 60 });
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

test('deleting a media during its encode stops its encoder; no further event is emitted, and its files are removed', async () => {
  const { client, dataDir } = service;
  const qualities = [{ resolution: '1080p' }, { resolution: '720p' }];
  const id = await client.upload(clip, { qualities });
  const waiting = await client.upload(Buffer.from('no media, but a file'));
  const dir = mediaDir(dataDir, id);
  await receiver.until(() => receiver.types(id).includes('encoding.started'));
  await eventually('a quality is being encoded', async () => {
    const { data } = await client.expect(200, 'GET', `/media/${id}`);
    return data.progress > 0 && (await processesBelow(dir)).length > 0;
  });
  await client.expect(200, 'DELETE', `/media/${id}`);
  assert.deepEqual(await processesBelow(dir), []);
  assert.ok(!existsSync(dir));
  // The next media in the queue gets the encoder, which shows that time has passed.
  await receiver.until(() => receiver.types(waiting).includes('encoding.failed'));
  assert.deepEqual(receiver.types(id), ['file.received', 'encoding.started']);
  assert.ok(!existsSync(dir));
});

test('deleting a media that waits for an encoder removes it from the queue', async () => {
  const { client, dataDir } = service;
  const first = await client.upload(clip, { qualities: [{ resolution: '1080p' }] });
  const second = await client.upload(clip, { qualities: [{ resolution: '144p' }] });
  await receiver.until(() => receiver.types(second).includes('file.received'));
  await client.expect(200, 'DELETE', `/media/${second}`);
  await client.expect(200, 'DELETE', `/media/${first}`);
  const next = await client.upload(Buffer.from('no media, but a file'));
  await receiver.until(() => receiver.types(next).includes('encoding.failed'));
  assert.ok(!receiver.types(second).includes('encoding.finished'));
  for (const id of [first, second]) assert.ok(!existsSync(mediaDir(dataDir, id)));
});

test('a media that is deleted while its parts arrive is gone, and no caller gets an internal error', async () => {
  const { client, dataDir } = service;
  const size = 2048;
  const bytes = Buffer.alloc(size, 'x');
  const seen = new Map<string, number>();
  for (let round = 0; round < 25; round += 1) {
    const { id } = await client.createMedia();
    const upload = async (part: number) => {
      const range = `bytes ${part * size}-${(part + 1) * size - 1}/${PARTS * size}`;
      return ['part', await client.uploadPart(id, { bytes, range })] as const;
    };
    const uploads = Array.from({ length: PARTS }, (_, part) => upload(part));
    // The media is deleted while other parts are opened, written, or renamed.
    await Promise.race(uploads);
    const deletion = client.call('DELETE', `/media/${id}`).then((answer) => ['delete', answer] as const);
    for (const [what, { status, body }] of await Promise.all([...uploads, deletion])) {
      const allowed = what === 'delete' ? [200] : [200, 404, 409];
      assert.ok(allowed.includes(status), `${what}: ${status} ${JSON.stringify(body)}`);
      seen.set(`${what} ${status}`, (seen.get(`${what} ${status}`) ?? 0) + 1);
    }
    assert.ok(!existsSync(mediaDir(dataDir, id)), `round ${round}`);
  }
  assert.ok((seen.get('part 404') ?? 0) > 0, JSON.stringify([...seen]));
  await eventually('the trash is removed', async () => (await readdir(trashDir(dataDir))).length === 0);
});
