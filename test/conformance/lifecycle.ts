import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Lifecycle } from '../../src/platform/lifecycle.ts';
import { LiveResources } from '../../src/platform/testing/live-resources.ts';

/** A part of the service with work that goes on until it is stopped. */
export interface LifecycleHarness {
  readonly name: string;
  /** Creates the part, not started. Hooks of `t` may remove its files. */
  create(t: TestContext): Promise<Lifecycle>;
  /** Whether timers, watchers or child processes are alive after a start; `false`: the part has none that Node reports. */
  readonly isLive: boolean;
}

/** Creates a part that is stopped after the test, even if the test fails. */
async function newPart(t: TestContext, create: LifecycleHarness['create']): Promise<Lifecycle> {
  const part = await create(t);
  t.after(() => part.stop());
  return part;
}

/** Tests what the contract `Lifecycle` says of `stop`. */
export function testLifecycle({ name, create, isLive }: LifecycleHarness): void {
  describe(`the lifecycle of ${name}`, () => {
    test('a stop without a start does nothing', async (t) => {
      const part = await newPart(t, create);
      using resources = new LiveResources();
      await part.stop();
      await part.stop();
      assert.deepEqual(await resources.list(), []);
    });

    test('after a start and a stop nothing is alive', async (t) => {
      const part = await newPart(t, create);
      using resources = new LiveResources();
      await part.start();
      assert.equal((await resources.list()).length > 0, isLive);
      await part.stop();
      assert.deepEqual(await resources.list(), []);
    });

    test('a stop right after the start leaves nothing alive', async (t) => {
      const part = await newPart(t, create);
      using resources = new LiveResources();
      await part.start();
      await part.stop();
      assert.deepEqual(await resources.list(), []);
    });

    test('a second stop, at the same time or later, fulfils when nothing is alive', async (t) => {
      const part = await newPart(t, create);
      using resources = new LiveResources();
      await part.start();
      const first = part.stop();
      await part.stop();
      assert.deepEqual(await resources.list(), []);
      await first;
      await part.stop();
      assert.deepEqual(await resources.list(), []);
    });
  });
}
