import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UnfinishedMedia } from '../../../storage/contracts/media.ts';
import { MAX_JOBS_PER_ACCOUNT, WaitingMedia } from './waiting-media.ts';

/** Waiting media over a database that is a list, and jobs that end when the test says so. */
class Bench {
  /** Unfinished media, oldest first. */
  readonly database: UnfinishedMedia[] = [];
  /** Ids of the media whose jobs were started, in this order. */
  readonly started: string[] = [];
  readonly running = new Set<string>();
  readonly waiting: WaitingMedia;
  mostRunning = 0;
  /** Called before each answer of the database; may throw. */
  onRead: () => void = () => undefined;

  constructor(signal = new AbortController().signal) {
    this.waiting = new WaitingMedia({
      store: {
        unfinished: async (_after, limit, userId) => {
          const media = this.database.filter((one) => one.userId === userId).slice(0, limit);
          this.onRead();
          return { media, after: null };
        },
      },
      hasJob: (id) => this.running.has(id),
      start: ({ id }) => {
        this.started.push(id);
        this.running.add(id);
        this.mostRunning = Math.max(this.mostRunning, this.running.size);
      },
      onFailure: () => undefined,
      signal,
    });
  }

  receive(media: UnfinishedMedia): void {
    this.database.push(media);
    this.waiting.add(media);
  }

  /** Ends the oldest job. */
  async endOne(userId = 'a'): Promise<void> {
    const index = this.database.findIndex((one) => one.userId === userId && this.running.has(one.id));
    const [ended] = this.database.splice(index, 1);
    this.running.delete(ended?.id ?? '');
    this.waiting.jobEnded(userId);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const media = (nth: number, userId = 'a'): UnfinishedMedia => ({ id: `${userId}${nth}`, userId });
const ids = (count: number) => Array.from({ length: count }, (_, nth) => `a${nth}`);

test('of many media of an account, few have jobs at a time, all get one, and their order is kept', async () => {
  const bench = new Bench();
  for (let nth = 0; nth < 500; nth += 1) bench.receive(media(nth));
  bench.receive(media(0, 'b'));
  assert.ok(bench.running.has('b0'));
  for (let nth = 500; bench.running.size > 1; nth += 1) {
    if (nth < 700) bench.receive(media(nth));
    await bench.endOne();
  }
  assert.deepEqual(
    bench.started.filter((id) => id !== 'b0'),
    ids(700),
  );
  assert.ok(bench.mostRunning <= MAX_JOBS_PER_ACCOUNT + 1);
});

test('media that are received while others are read are not forgotten', async () => {
  const bench = new Bench();
  const count = MAX_JOBS_PER_ACCOUNT + 3;
  for (let nth = 0; nth < count; nth += 1) bench.receive(media(nth));
  let received = count;
  bench.onRead = () => {
    if (received < count + 2) bench.receive(media(received++));
  };
  while (bench.running.size > 0) await bench.endOne();
  assert.deepEqual(bench.started, ids(count + 2));
});

test('a database that cannot be read is asked again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const bench = new Bench();
  for (let nth = 0; nth < MAX_JOBS_PER_ACCOUNT + 1; nth += 1) bench.receive(media(nth));
  let failures = 0;
  bench.onRead = () => {
    failures += 1;
    if (failures < 3) throw new Error('locked');
  };
  while (bench.running.size > 0 && bench.started.length <= MAX_JOBS_PER_ACCOUNT) {
    if (bench.running.size > 1) await bench.endOne();
    else t.mock.timers.tick(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(bench.started.length, MAX_JOBS_PER_ACCOUNT + 1);
});
