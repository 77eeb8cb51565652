import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { announceRevocation, RevocationWatch } from './revocation-watch.ts';

test('every notice reaches the watch, whether the file existed before or not', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-notice-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = join(dir, 'notice');
  for (let n = 0; n < 3; n += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const notice = new RevocationWatch(file, resolve);
    await notice.start();
    await announceRevocation(file);
    await promise;
    notice.stop();
  }
});

test('a watch starts and stops even if the file can not be watched', async () => {
  const notice = new RevocationWatch('/nowhere/at/all', () => assert.fail());
  notice.stop();
  await notice.start();
  await announceRevocation('/nowhere/at/all');
  notice.stop();
  notice.stop();
});
