import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ReadyDelivery } from '../../../src/domain/delivery.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { publication, T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import { commitLane, createWebhook, deliveriesOf, settle, succeeded } from '../support/settlements.ts';

const LANES = ['a', 'b', 'c'];
const EVENTS_OF_LANE = 20;

/** Settles the ready deliveries and those that are promoted by it, during other calls. Adds them to `sent` in order. */
async function deliver(
  storage: Storage,
  ready: readonly ReadyDelivery[],
  sent: ReadyDelivery[],
): Promise<void> {
  for (const delivery of ready) {
    sent.push(delivery);
    const next = await settle(storage, [succeeded(delivery)], T0 + 1);
    await deliver(storage, next, sent);
  }
}

export function testConcurrency(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('concurrent calls', () => {
    storageTest('of commits into one lane, one delivery becomes ready', async (storage) => {
      await createWebhook(storage);
      const ready = await Promise.all(Array.from({ length: 10 }, () => commitLane(storage, 'm1')));
      assert.equal(ready.flat().length, 1);
    });

    storageTest(
      'while lanes are filled and emptied, each delivery is ready once and in order',
      async (storage) => {
        const webhook = await createWebhook(storage);
        const sent: ReadyDelivery[] = [];
        const fill = async (mediaId: string) => {
          const delivering: Promise<void>[] = [];
          for (let n = 0; n < EVENTS_OF_LANE; n += 1) {
            const { ready } = await storage.events.commit([publication('partial.finished', { mediaId })], T0);
            delivering.push(deliver(storage, ready, sent));
          }
          await Promise.all(delivering);
        };
        await Promise.all(LANES.map(fill));
        assert.equal(sent.length, LANES.length * EVENTS_OF_LANE);
        for (const lane of LANES) {
          const seqs = sent.filter(({ event }) => event.mediaId === lane).map(({ seq }) => seq);
          assert.deepEqual(
            seqs,
            seqs.toSorted((a, b) => a - b),
          );
          assert.equal(new Set(seqs).size, EVENTS_OF_LANE);
        }
        const states = (await deliveriesOf(storage, webhook)).map(({ state }) => state);
        assert.deepEqual(new Set(states), new Set(['succeeded']));
      },
    );

    storageTest('settlements and a deletion leave nothing pending', async (storage) => {
      const webhook = await createWebhook(storage);
      const ready = await commitLane(storage, 'm1', 3);
      const [, removed] = await Promise.all([
        deliver(storage, ready, []),
        storage.webhooks.delete(USER, webhook.id, { at: T0 + 1, by: null }),
        commitLane(storage, 'm1', 3),
      ]);
      const states = (await deliveriesOf(storage, webhook)).map(({ state }) => state);
      const cancelled = states.filter((state) => state === 'cancelled').length;
      assert.deepEqual([removed, states.includes('pending')], [{ cancelled }, false]);
      await storage.queue.releaseStaleClaims(null);
      assert.equal(await storage.queue.nextDueAt(0), null);
    });
  });
}
