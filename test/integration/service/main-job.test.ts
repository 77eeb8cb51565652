import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let receiver: Receiver;

before(async () => {
  service = await startTestService();
  receiver = await Receiver.start();
  receiver.trust((await service.client.createWebhook(receiver.url)).secret);
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

test('an upload becomes its events: signed, in order, with exactly the fields of the contract', async () => {
  const clip = await makeClip({ width: 640, height: 360 });
  const id = await service.client.upload(clip, {
    title: 'Ferien',
    qualities: [{ resolution: '360p' }, { resolution: '144p' }],
  });
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));

  const received = receiver.received.filter(({ event }) => event.media_id === id);
  assert.deepEqual(
    received.map(({ event }) => [event.type, event.qualities, event.status]),
    [
      ['file.received', '144p,360p', 'new'],
      ['encoding.started', '144p,360p', 'transcoding'],
      ['partial.finished', '360p', 'transcoding'],
      ['partial.finished', '144p', 'transcoding'],
      ['encoding.finished', '144p,360p', 'done'],
    ],
  );
  for (const { event, verified, contentType } of received) {
    assert.ok(verified);
    assert.equal(contentType, 'application/json');
    const fields = 'type emitted_at media_id media_type qualities title status user_id';
    assert.equal(Object.keys(event).join(' '), fields);
    assert.equal(event.media_type, 'video');
    assert.equal(event.title, 'Ferien');
    assert.equal(event.user_id, service.client.credentials.userId);
    assert.match(String(event.emitted_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  assert.equal(new Set(received.map(({ id }) => id)).size, 5);

  const media = (await service.client.expect(200, 'GET', `/media/${id}`)).data;
  assert.equal(media.status, 'done');
  assert.equal(media.progress, 100);
  assert.equal(media.size, clip.length);
  assert.equal(media.error, null);
});

test('a file that is no media is received, started and failed, and the media says why', async () => {
  const id = await service.client.upload(Buffer.from('this is no media file'.repeat(1000)));
  await receiver.until(() => receiver.types(id).includes('encoding.failed'));
  assert.deepEqual(receiver.types(id), ['file.received', 'encoding.started', 'encoding.failed']);
  const media = (await service.client.expect(200, 'GET', `/media/${id}`)).data;
  assert.equal(media.status, 'fail');
  assert.match(media.error, /damaged|format/);
});
