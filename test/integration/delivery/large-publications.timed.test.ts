import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Publisher } from '../../../src/events/publisher.ts';
import { leastOf, measureTurns } from '../../../src/platform/testing/longest-turn.ts';
import { openSqliteStorage } from '../../../src/storage/sqlite/sqlite-storage.ts';
import {
  KEYS,
  newEvent,
  newWebhook,
  publications,
  STRANGER,
  T0,
} from '../../../src/storage/testing/records.ts';

/** Maximum milliseconds of processor time for which one turn may hold the thread. */
const LONGEST_MS = 50;
/** Maximum number of events of a request, and the default maximum of an account's webhooks. */
const EVENTS = 1_000;
const WEBHOOKS = 100;

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-large-publications-'));
  const storage = await openSqliteStorage({ file: join(dir, 'test.db'), keys: KEYS });
  t.after(async () => {
    await storage.close();
    await rm(dir, { recursive: true });
  });
  const publisher = new Publisher({
    events: storage.events,
    now: () => T0,
    steadyNow: () => T0,
    untilRoom: async () => undefined,
    onReady: () => undefined,
    onMoreReady: () => undefined,
  });
  return { storage, publisher };
}

test('a request of many events with many deliveries each is published in short steps, and others between them', async (t) => {
  const { storage, publisher } = await setUp(t);
  for (let n = 0; n < WEBHOOKS; n += 1) await storage.webhooks.create(newWebhook(), null, null);
  const ms = await leastOf(LONGEST_MS, () => longestTurnOfPublishing(publisher));
  assert.ok(ms < LONGEST_MS, `a turn took ${ms.toFixed(1)} ms`);
});

async function longestTurnOfPublishing(publisher: Publisher): Promise<number> {
  // Half of the deliveries wait for others, and the storage must write rows of half of them.
  const events = publications(EVENTS).map(({ event, step }, n) => ({
    event: { ...event, mediaId: `${n % 2 === 0 ? n : n % 10}` },
    step,
  }));
  const longest = measureTurns();
  let isPublished = false;
  const publishing = publisher.publish(events).finally(() => {
    isPublished = true;
  });
  let others = 0;
  for (; !isPublished; others += 1)
    await publisher.publish([{ event: newEvent('file.received', { userId: STRANGER }), step: null }]);
  const ms = longest();
  assert.deepEqual(new Set(await publishing), new Set(['committed']));
  assert.ok(others > 20, `another account published ${others} events meanwhile`);
  return ms;
}
