import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../domain/errors.ts';
import type { Publication } from '../storage/contracts/events.ts';
import { EventIntake, type PublishedEvent } from './accept-events.ts';

const NOW = 1_767_225_600_000;
const USER = '0197c0de-0000-7000-8000-000000000001';

function event(fields: Partial<PublishedEvent> = {}): PublishedEvent {
  return { type: 'encoding.finished', event_id: 'job-1', media_id: '4711', user_id: USER, ...fields };
}

function build(publish: () => void = () => undefined) {
  const published: Publication[][] = [];
  const lookups: string[][] = [];
  const intake = new EventIntake({
    accounts: {
      existing: async (ids) => {
        lookups.push([...ids]);
        return ids.filter((id) => id === USER);
      },
    },
    publisher: {
      publish: async (publications) => {
        publish();
        published.push([...publications]);
        return publications.map(() => 'committed' as const);
      },
    },
    now: () => NOW,
  });
  return { intake, published, lookups };
}

test('events are published together, with the body that is delivered', async () => {
  const { intake, published } = build();
  const first = event({ qualities: ' 360p , 720p', user_id: USER.toUpperCase() });
  await intake.accept([first, event({ event_id: 'job-2', emitted_at: '2026-01-02T03:04:05Z' })]);
  const [batch = []] = published;
  const [one, two] = batch.map(({ event: { id, body, ...fields } }) => ({ ...fields, ...JSON.parse(body) }));
  assert.deepEqual(one, {
    userId: USER,
    mediaId: '4711',
    type: 'encoding.finished',
    emittedAt: NOW,
    idempotencyKey: 'job-1',
    emitted_at: new Date(NOW).toISOString(),
    media_id: '4711',
    media_type: 'video',
    qualities: '360p,720p',
    title: '',
    status: 'done',
    user_id: USER,
  });
  assert.deepEqual([two.idempotencyKey, two.emitted_at], ['job-2', '2026-01-02T03:04:05.000Z']);
});

test('one event with a fault refuses all, and every fault is named by its field', async () => {
  const { intake, published } = build();
  const wrong = event({ status: 'new', qualities: 'a,,b', emitted_at: '2016-12-31T23:59:60Z' });
  const stranger = event({ user_id: '0197c0de-0000-7000-8000-000000000002' });
  const fields = (error: ServiceError) => error.details.map(({ field }) => field);
  await assert.rejects(intake.accept([event(), wrong, stranger]), (error: ServiceError) => {
    assert.equal(error.code, 'invalid_request');
    assert.deepEqual(fields(error), ['[1].emitted_at', '[1].qualities', '[1].status', '[2].user_id']);
    return true;
  });
  await assert.rejects(
    intake.accept([stranger], (_, name) => name),
    (error: ServiceError) => fields(error).join() === 'user_id',
  );
  assert.deepEqual(published, []);
});

test('an account is looked up until it is found, and then no more', async () => {
  const { intake, lookups } = build();
  const stranger = '0197c0de-0000-7000-8000-000000000002';
  for (let n = 0; n < 2; n += 1) {
    await assert.rejects(intake.accept([event(), event({ user_id: stranger })]));
  }
  await intake.accept([event()]);
  assert.deepEqual(lookups, [[USER, stranger], [stranger]]);
});

test('the accounts of a request are known, however many other accounts have had events', async () => {
  const existing = async (ids: readonly string[]) => [...ids];
  const intake = new EventIntake({
    accounts: { existing },
    publisher: { publish: async () => [] },
    now: () => NOW,
  });
  const id = (n: number) => `0197c0de-0000-7000-8000-${String(n).padStart(12, '0')}`;
  const many = Array.from({ length: 100_001 }, (_, n) => event({ user_id: id(n) }));
  await intake.accept(many);
  await intake.accept([event({ user_id: id(0) }), event({ user_id: id(200_000) })]);
});

test('events that the storage refuses are not accepted', async () => {
  const { intake } = build(() => {
    throw new ServiceError('storage_full', 'the disk is full');
  });
  await assert.rejects(intake.accept([event()]), { code: 'storage_full' });
});
