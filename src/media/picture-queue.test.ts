import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PictureQueue } from './picture-queue.ts';

/** A queue on a clock that stands still, except while a picture is converted and while the queue waits. */
class Bench {
  readonly waited: number[] = [];
  #now = 1_000;
  readonly #queue = new PictureQueue({
    now: () => this.#now,
    wait: async (ms) => {
      this.waited.push(ms);
      this.#now += ms;
    },
  });
  #pictures = 0;

  /** Converts a picture, which takes `ms`. */
  convert(account: string, ms: number): Promise<void> {
    this.#pictures += 1;
    return this.#queue.convert({ account, key: `${this.#pictures}` }, async () => {
      this.#now += ms;
    });
  }

  convertThatFails(account: string, ms: number): Promise<void> {
    const failed = () => {
      this.#now += ms;
      return Promise.reject(new Error('no picture'));
    };
    this.#pictures += 1;
    return this.#queue.convert({ account, key: `${this.#pictures}` }, failed);
  }
}

test('an account converts a second of pictures at once, and then waits three quarters of the time', async () => {
  const bench = new Bench();
  // While the burst is used up, the share pays off a quarter of it.
  for (let n = 0; n < 13; n += 1) await bench.convert('a', 100);
  assert.deepEqual(bench.waited, []);
  for (let n = 0; n < 20; n += 1) await bench.convert('a', 100);
  const waited = bench.waited.reduce((sum, ms) => sum + ms, 0);
  assert.ok(Math.abs(waited - 20 * 300) <= 300, `${waited}`);
});

test('pictures that arrive together wait one after another, and do not begin at once after a wait', async () => {
  const bench = new Bench();
  await bench.convert('a', 2_000);
  await Promise.all([1, 2, 3].map(() => bench.convert('a', 100)));
  assert.deepEqual(bench.waited, [2_000 / 0.25 - 1_000 / 0.25, 300, 300]);
});

test('an account does not wait for the pictures of another, nor for its own when they were long ago', async () => {
  const bench = new Bench();
  await bench.convert('a', 4_000);
  await bench.convert('b', 1_000);
  assert.deepEqual(bench.waited, []);
  await bench.convert('a', 1);
  const [wait = 0] = bench.waited;
  assert.equal(wait, 4_000 / 0.25 - 1_000 / 0.25 - 1_000);
  await bench.convert('a', 1);
  assert.equal(bench.waited.length, 2);
});

test('a picture that can not be converted is charged, too, and one counts for at most five seconds', async () => {
  const bench = new Bench();
  await assert.rejects(bench.convertThatFails('a', 30_000), { message: 'no picture' });
  await bench.convert('a', 1);
  assert.deepEqual(bench.waited, [5_000 / 0.25 - 1_000 / 0.25]);
});
