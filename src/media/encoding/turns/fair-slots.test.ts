import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairSlots, type Turn } from './fair-slots.ts';

const never = new AbortController().signal;

function turn(account: string, priority = 1, signal = never): Turn {
  return { account, priority, signal };
}

/** Slots with a clock of their own, and tasks that end when the test says so. */
class Bench {
  /** Names of the tasks in the order in which they started. */
  readonly started: string[] = [];
  readonly #ends = new Map<string, () => void>();
  readonly #slots: FairSlots;
  #now = 0;

  constructor(options: { count: number; perAccount?: number }) {
    this.#slots = new FairSlots({ ...options, now: () => this.#now });
  }

  get waiting(): number {
    return this.#slots.waiting;
  }

  /** Adds tasks of an account, whose names begin with the name of the account. */
  async add(...names: string[]): Promise<void> {
    for (const [index, name] of names.entries()) {
      void this.#slots.run(turn(name[0] as string, index), () => {
        this.started.push(name);
        return new Promise((resolve) => this.#ends.set(name, () => resolve(undefined)));
      });
    }
    await settled();
  }

  /** Ends the task that started last, after it ran for a time. */
  async endLast(ranMs: number): Promise<void> {
    await this.end(this.started.at(-1) as string, ranMs);
  }

  async end(name: string, ranMs: number): Promise<void> {
    this.#now += ranMs;
    this.#ends.get(name)?.();
    await settled();
  }
}

/** Fulfils when the tasks that got a slot have started. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('at most as many tasks run at once as there are slots', async () => {
  const slots = new FairSlots({ count: 2 });
  let running = 0;
  let most = 0;
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const runs = gates.map((gate, index) =>
    slots.run(turn(String(index % 3)), async () => {
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
    }),
  );
  assert.equal(slots.waiting, 3);
  for (const gate of gates) gate.resolve();
  await Promise.all(runs);
  assert.deepEqual([most, running, slots.running, slots.waiting], [2, 0, 0, 0]);
});

test('of one account, the lowest priority number starts first, then the earliest arrival', async () => {
  const slots = new FairSlots({ count: 1 });
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = slots.run(turn('a', 9), () => gate.promise);
  const rest = [
    slots.run(turn('a', 2), async () => void order.push('2a')),
    slots.run(turn('a', 3), async () => void order.push('3')),
    slots.run(turn('a', 1), async () => void order.push('1')),
    slots.run(turn('a', 2), async () => void order.push('2b')),
  ];
  gate.resolve();
  await Promise.all([first, ...rest]);
  assert.deepEqual(order, ['1', '2a', '2b', '3']);
});

test('a task that is aborted while waiting leaves the queue, and a failure frees its slot', async () => {
  const slots = new FairSlots({ count: 1 });
  const gate = Promise.withResolvers<void>();
  const first = slots.run(turn('a'), () => gate.promise);
  const controller = new AbortController();
  const aborted = slots.run(turn('b', 1, controller.signal), async () => assert.fail('must not run'));
  controller.abort(new Error('deleted'));
  await assert.rejects(aborted, /deleted/);
  assert.equal(slots.waiting, 0);
  gate.reject(new Error('broken'));
  await assert.rejects(first, /broken/);
  assert.equal(await slots.run(turn('a'), async () => 'ran'), 'ran');
});

test('an account with a few short tasks passes the long queue of another account', async () => {
  const bench = new Bench({ count: 1 });
  await bench.add('a1', 'a2', 'a3', 'a4', 'a5', 'a6');
  await bench.endLast(60_000);
  await bench.add('b1', 'b2', 'b3');
  await bench.endLast(60_000);
  for (let task = 0; task < 3; task += 1) await bench.endLast(1_000);
  assert.deepEqual(bench.started, ['a1', 'a2', 'b1', 'b2', 'b3', 'a3']);
});

test('two accounts with long queues get the same time, whatever their tasks take', async () => {
  const bench = new Bench({ count: 1 });
  await bench.add(...Array.from({ length: 40 }, (_, n) => `a${n}`));
  await bench.add(...Array.from({ length: 400 }, (_, n) => `b${n}`));
  const used = { a: 0, b: 0 };
  for (let task = 0; task < 100; task += 1) {
    const account = bench.started.at(-1)?.[0] as 'a' | 'b';
    const ms = account === 'a' ? 10_000 : 1_000;
    used[account] += ms;
    await bench.endLast(ms);
  }
  assert.ok(Math.abs(used.a - used.b) <= 10_000, JSON.stringify(used));
});

test('an account cannot save up time by waiting, nor lose its past by a short pause', async () => {
  const bench = new Bench({ count: 1 });
  await bench.add('a1', 'a2', 'a3');
  await bench.endLast(100_000);
  await bench.endLast(100_000);
  // The account b comes late. It gets its turn, but not the 200 seconds that a has used.
  await bench.add('b1', 'b2', 'b3');
  await bench.endLast(100_000);
  await bench.endLast(150_000);
  await bench.add('a4');
  await bench.endLast(10_000);
  assert.deepEqual(bench.started, ['a1', 'a2', 'a3', 'b1', 'b2', 'a4']);
});

test('the number of running tasks of one account can be limited', async () => {
  const bench = new Bench({ count: 2, perAccount: 1 });
  await bench.add('a1', 'a2', 'a3');
  assert.deepEqual(bench.started, ['a1']);
  await bench.add('b1', 'b2');
  assert.deepEqual(bench.started, ['a1', 'b1']);
  await bench.end('b1', 1_000);
  await bench.end('b2', 1_000);
  assert.deepEqual([bench.started, bench.waiting], [['a1', 'b1', 'b2'], 2]);
});
