import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts';
import { KEYS, newWebhook, USER } from '../../src/storage/testing/records.ts';
import { EVENTS, publishInSteps, WEBHOOKS } from '../support/storage/publish-in-steps.ts';

const PROGRAM = new URL('../support/storage/publish-in-steps.ts', import.meta.url).pathname;

/** Makes a database with webhooks. Returns its path. */
async function setUp(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-large-publications-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = join(dir, 'test.db');
  const storage = await openSqliteStorage({ file, keys: KEYS });
  for (let n = 0; n < WEBHOOKS; n += 1) await storage.webhooks.create(newWebhook(), null, null);
  await storage.close();
  return file;
}

/** Begins to publish the request in another process, which is killed after the first step. */
async function killAfterFirstStep(t: TestContext, file: string): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, file, USER], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
}

/** Returns the numbers of the events in their order, and the number of deliveries of each event. */
function look(file: string) {
  const reader = new DatabaseSync(file, { readOnly: true });
  const keys = reader.prepare('select unique_key as key from events order by seq').all();
  const counts = reader
    .prepare(
      'select count(distinct webhook_seq) as webhooks, count(*) as n from deliveries group by event_seq',
    )
    .all();
  reader.close();
  return { events: keys.map(({ key }) => Number(String(key).slice(6))), counts };
}

test('a request of very many deliveries that is killed in its middle is whole when it is repeated', async (t) => {
  const file = await setUp(t);
  await killAfterFirstStep(t, file);
  const repeated = await publishInSteps(file, USER, () => undefined);
  const accepted = repeated.indexOf('committed');
  assert.ok(accepted > 0 && accepted < EVENTS, `${accepted} events were accepted before the kill`);
  assert.deepEqual(new Set(repeated.slice(accepted)), new Set(['committed']), 'these were the first ones');
  const { events, counts } = look(file);
  assert.deepEqual(
    events,
    Array.from({ length: EVENTS }, (_, n) => n),
  );
  assert.equal(counts.length, EVENTS);
  for (const { webhooks, n } of counts) assert.deepEqual([webhooks, n], [WEBHOOKS, WEBHOOKS]);
});
