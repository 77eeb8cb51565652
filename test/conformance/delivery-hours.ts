import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { DeliveryHour } from '../../src/domain/delivery-hour.ts';
import { USER } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';

const COUNTERS = { attempts: 3, acknowledged: 2, unanswered: 1, succeeded: 2, failed: 1, durationMs: 300 };

function counted(hour: number, owner: string, counters: Partial<DeliveryHour> = {}): DeliveryHour {
  return { hour, owner, ...COUNTERS, ...counters };
}

export function testDeliveryHours(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('counters of attempts', () => {
    storageTest('are added up by hour and owner, and read by both', async ({ webhooks }) => {
      await webhooks.addHours([counted(10, 'a'), counted(10, 'b'), counted(11, 'a')]);
      await webhooks.addHours([counted(10, 'a', { failed: 5 })]);
      const read = (owners: string[], from: number, to: number) => webhooks.hours(USER, { owners, from, to });
      const doubled = {
        attempts: 6,
        acknowledged: 4,
        unanswered: 2,
        succeeded: 4,
        failed: 6,
        durationMs: 600,
      };
      assert.deepEqual(await read(['a'], 9, 11), [counted(10, 'a', doubled), counted(11, 'a')]);
      assert.deepEqual(await read(['b', 'c'], 10, 10), [counted(10, 'b')]);
      assert.deepEqual(await read([], 10, 11), []);
      await webhooks.removeHours(11, 1);
      assert.deepEqual(await read(['a', 'b'], 10, 10), [counted(10, 'b')]);
      await webhooks.removeHours(11, 10);
      assert.deepEqual(await read(['a', 'b'], 9, 12), [counted(11, 'a')]);
    });

    storageTest('are stored in any number', async ({ webhooks }) => {
      const many = Array.from({ length: 1_000 }, (_, n) => counted(10, `owner ${n}`));
      await webhooks.addHours(many);
      const owners = many.map(({ owner }) => owner);
      assert.equal((await webhooks.hours(USER, { owners, from: 10, to: 10 })).length, 1_000);
    });
  });
}
