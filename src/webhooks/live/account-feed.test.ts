import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadyDelivery } from '../../domain/delivery.ts';
import { eventBody } from '../../domain/event.ts';
import { newWebhook, T0, USER } from '../../storage/testing/records.ts';
import { AccountFeed, MOST_KEPT_OF_ALL } from './account-feed.ts';

const body = eventBody({
  ...({ type: 'file.received', emittedAt: T0, mediaId: 'm', mediaType: 'video' } as const),
  ...{ qualities: '', title: 'A clip', userId: USER },
});

test('all feeds together keep a bounded number of changes, and a feed that has ended keeps none', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const kept = { count: MOST_KEPT_OF_ALL - 50 };
  const feed = new AccountFeed(USER, (steady) => steady, kept);
  const webhook = { ...newWebhook(), secret: '' } as unknown as ReadyDelivery['webhook'];
  const note = (n: number) => {
    const id = `0${n.toString(36).padStart(20, '0')}`;
    const event = { id: `${n}`, mediaId: 'm', body };
    const delivery = { id, seq: n, event, webhook, attempts: 0, attemptsBefore: 0 };
    feed.note({ delivery, settlement: null, at: T0 });
  };
  const start = feed.cursor;
  for (let n = 0; n < 60; n += 1) note(n);
  t.mock.timers.tick(1_000);
  assert.equal(kept.count, MOST_KEPT_OF_ALL);
  assert.equal(feed.after(start), null, 'the oldest are not kept any more');
  const [name] = start.split('.');
  assert.equal(feed.after(`${name}.10`)?.length, 50);
  feed.close();
  assert.equal(kept.count, MOST_KEPT_OF_ALL - 50);
});
