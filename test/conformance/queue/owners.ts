import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ReadyDelivery } from '../../../src/domain/delivery.ts';
import { T0 } from '../../../src/storage/testing/records.ts';
import { databaseTest, type StorageHarness, type TestDatabase, withOpen } from '../support/harness.ts';
import {
  claim,
  commitLane,
  commitOne,
  createWebhook,
  only,
  postponed,
  settle,
  succeeded,
} from '../support/settlements.ts';

const seqs = (deliveries: readonly ReadyDelivery[]) => deliveries.map((delivery) => delivery.seq);

export function testOwners(harness: StorageHarness): void {
  describe("claims' owners", () => {
    databaseTest(
      'a claim stays when its owner is gone, until the next owner releases it',
      harness.create,
      reopening,
    );
    databaseTest('an owner keeps its claims when it releases stale ones again', harness.create, keeping);
    databaseTest('no owner is given what another has claimed, until it is released', harness.create, sharing);
  });
  if (!harness.hasLeases) return;
  describe("owners' leases", () => {
    databaseTest('claims are stale when the lease of their owner has ended', harness.create, expiring);
    databaseTest('an owner that renews its lease keeps its claims', harness.create, renewing);
    databaseTest('an owner releases its own claims only', harness.create, releasing);
    databaseTest(
      'a settlement whose claim has gone to another owner counts once',
      harness.create,
      overtaking,
    );
  });
}

async function reopening(database: TestDatabase): Promise<void> {
  const { first, retry } = await withOpen(database, async (storage) => {
    await storage.queue.releaseStaleClaims(null);
    await createWebhook(storage);
    const ready = { first: only(await commitLane(storage, 'm1', 3)), retry: await commitOne(storage, 'm2') };
    await storage.queue.settle([postponed(ready.retry, T0 + 50)], T0, null);
    await storage.queue.settle([succeeded(await commitOne(storage, 'm3'))], T0, null);
    return ready;
  });
  await withOpen(database, async (storage) => {
    assert.deepEqual((await claim(storage, T0 + 49)).ready, []);
    await storage.queue.releaseStaleClaims(null);
    // Only the ready delivery of a lane can be claimed; the others still wait.
    assert.deepEqual((await claim(storage, T0 + 49)).ready, [first]);
    assert.deepEqual(seqs((await claim(storage, T0 + 50)).ready), [retry.seq]);
    assert.deepEqual((await claim(storage, T0 + 99)).ready, []);
  });
}

async function keeping(database: TestDatabase): Promise<void> {
  const released = await withOpen(database, async (storage) => {
    await createWebhook(storage);
    return commitOne(storage, 'a');
  });
  await withOpen(database, async (storage) => {
    await storage.queue.releaseStaleClaims(null);
    const claimed = only((await claim(storage, T0)).ready);
    assert.equal(claimed.seq, released.seq);
    const committed = only(await commitLane(storage, 'b', 2));
    const promoted = only(await settle(storage, [succeeded(committed)], T0));
    await storage.queue.releaseStaleClaims(null);
    assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
    await storage.queue.release(seqs([claimed, promoted]));
    assert.equal((await claim(storage, T0 + 9)).ready.length, 2);
  });
}

async function sharing(database: TestDatabase): Promise<void> {
  await withOpen(database, (one) =>
    withOpen(database, async (other) => {
      await createWebhook(one);
      const committed = await commitOne(one, 'a');
      const claimable = await commitOne(one, 'b');
      await one.queue.release([claimable.seq]);
      assert.deepEqual(seqs((await claim(other, T0)).ready), [claimable.seq]);
      assert.deepEqual((await claim(one, T0)).ready, []);
      await one.queue.release([committed.seq]);
      assert.deepEqual(seqs((await claim(other, T0)).ready), [committed.seq]);
    }),
  );
}

async function expiring(database: TestDatabase): Promise<void> {
  await withOpen(database, (one) =>
    withOpen(database, async (other) => {
      await one.queue.releaseStaleClaims({ now: T0, until: T0 + 10 });
      await createWebhook(one);
      const { seq } = await commitOne(one);
      await other.queue.releaseStaleClaims({ now: T0 + 9, until: T0 + 19 });
      assert.deepEqual((await claim(other, T0 + 9)).ready, []);
      await other.queue.releaseStaleClaims({ now: T0 + 10, until: T0 + 20 });
      assert.deepEqual(seqs((await claim(other, T0 + 10)).ready), [seq]);
      assert.deepEqual((await claim(one, T0 + 10)).ready, []);
    }),
  );
}

async function renewing(database: TestDatabase): Promise<void> {
  await withOpen(database, (one) =>
    withOpen(database, async (other) => {
      await one.queue.releaseStaleClaims({ now: T0, until: T0 + 10 });
      await createWebhook(one);
      const { seq } = await commitOne(one);
      await one.queue.releaseStaleClaims({ now: T0 + 5, until: T0 + 15 });
      await other.queue.releaseStaleClaims({ now: T0 + 14, until: T0 + 24 });
      assert.deepEqual((await claim(other, T0 + 14)).ready, []);
      await other.queue.releaseStaleClaims({ now: T0 + 15, until: T0 + 25 });
      assert.deepEqual(seqs((await claim(other, T0 + 15)).ready), [seq]);
    }),
  );
}

async function releasing(database: TestDatabase): Promise<void> {
  await withOpen(database, (one) =>
    withOpen(database, async (other) => {
      await createWebhook(one);
      const { seq } = await commitOne(one);
      await other.queue.release([seq]);
      assert.deepEqual((await claim(other, T0)).ready, []);
    }),
  );
}

async function overtaking(database: TestDatabase): Promise<void> {
  await withOpen(database, (one) =>
    withOpen(database, async (other) => {
      await createWebhook(one);
      const claimed = only(await commitLane(one, 'm1', 2));
      await other.queue.releaseStaleClaims(null);
      const again = only((await claim(other, T0)).ready);
      const promoted = await settle(one, [succeeded(claimed)], T0 + 1);
      assert.equal(promoted.length, 1);
      assert.deepEqual(await settle(other, [succeeded(again)], T0 + 2), []);
    }),
  );
}
