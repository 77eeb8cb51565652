import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { untilAllEnded } from '../../support/service/deliveries.ts';
import { publishedEvent } from '../../support/service/published-events.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

interface Entry {
  readonly at: string;
  readonly kind: string;
  readonly event: string | null;
  readonly qualities: string | null;
  readonly attempt: { number: number; status: number | null; error: string | null } | null;
  readonly delivery: { state: string } | null;
}

let service: TestService;
let receiver: Receiver;

before(async () => {
  receiver = await Receiver.start();
  service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '0,0' });
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

test('the story of a media goes from its creation to each attempt, in the order of time', async () => {
  const { client } = service;
  receiver.answer((_request, response, nth) => response.writeHead(nth === 1 ? 503 : 200).end());
  const { id: webhookId } = await client.createWebhook(receiver.url);
  const clip = await makeClip({ width: 64, height: 48 });
  const id = await client.upload(clip, { title: 'A clip', qualities: [{ resolution: '144p' }] });
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  await untilAllEnded(client, webhookId);

  const { media, entries, next_cursor } = (await client.expect(200, 'GET', `/media/${id}/story`)).data;
  assert.deepEqual([media.id, media.title, media.status, next_cursor], [id, 'A clip', 'done', null]);
  assert.deepEqual(media.qualities, [{ name: '144p', type: 'hls', status: 'done' }]);
  const all: Entry[] = entries;
  assert.deepEqual(
    all.map(({ at }) => at),
    all.map(({ at }) => at).toSorted(),
  );
  assert.equal(all[0]?.kind, 'created');
  const events = all.filter(({ kind }) => kind === 'event').map(({ event }) => event);
  assert.deepEqual(events, ['file.received', 'encoding.started', 'partial.finished', 'encoding.finished']);
  const attempts = all.filter(({ kind }) => kind === 'attempt');
  assert.deepEqual(
    attempts.map(({ event, attempt }) => [event, attempt?.number, attempt?.status]),
    [
      ['file.received', 1, 503],
      ['file.received', 2, 200],
      ...events.slice(1).map((event) => [event, 1, 200]),
    ],
  );
  assert.match(attempts[0]?.attempt?.error ?? '', /503/);
  const deliveries = all.filter(({ kind }) => kind === 'delivery');
  assert.ok(deliveries.every(({ delivery }) => delivery?.state === 'succeeded'));
  assert.deepEqual(new Set(all.map(({ kind }) => kind)).size, 5);
});

test('a long story of a published media has pages, and others see none of it', async () => {
  const { client, operator, newAccount } = service;
  for (let n = 1; n <= 60; n += 1)
    await operator.expect(202, 'POST', '/events', publishedEvent(client, 'long', n));
  const seen: Entry[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const query: string = cursor === null ? '' : `?cursor=${cursor}`;
    const { data } = await client.expect(200, 'GET', `/media/long/story${query}`);
    assert.equal(data.media, null);
    seen.unshift(...data.entries);
    cursor = data.next_cursor;
    pages += 1;
  } while (cursor !== null);
  assert.equal(pages, 2);
  assert.equal(seen.filter(({ kind }) => kind === 'delivery').length, 60);
  assertRefusal(await (await newAccount()).client.call('GET', '/media/long/story'), 'not_found');
  assertRefusal(await client.call('GET', '/media/unknown/story'), 'not_found');
});
