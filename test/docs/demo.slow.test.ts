import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { differenceFrom, expectationOf } from '../../demo/expectation.ts';
import type { Arrival } from '../../demo/receiver.ts';
import { assertAllPlaylists } from '../../src/media/encoding/testing/playlist-rules/assert-playlists.ts';

/** Runs the program that script/demo runs once everything is installed. */
function runDemo(...args: string[]) {
  const demo = new URL('../../demo/demo.ts', import.meta.url).pathname;
  return spawnSync(process.execPath, [demo, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
}

test('the demo shows every event, verified, and exits with 0; its playlists follow the specifications', async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'mediahooks-demo-data-'));
  t.after(() => rm(data, { recursive: true }));
  const { status, stdout, stderr } = runDemo('--data', data);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /✓ 8 events arrived, every one verified and in order/);
  assert.match(stdout, /✓ holiday\.mp4 can be played/);
  assert.match(stdout, /✓ broken\.mp4 says why it failed/);
  assert.equal(stderr, '');
  assert.equal(await assertAllPlaylists(data), 1);
});

test('the demo does not exit with 0 when events are missing, and names them', () => {
  const { status, stdout } = runDemo('--within', '0');
  assert.equal(status, 1, stdout);
  assert.match(stdout, /✗ holiday\.mp4: expected .*encoding\.finished .*; got /);
  assert.doesNotMatch(stdout, /every one verified/);
});

test('one event that is missing, out of order or badly signed is a difference', () => {
  const expected = expectationOf(['360p', '720p'], true);
  const arrivals = expected.map(
    ([type, qualities], index): Arrival => ({
      webhookId: String(index),
      verified: true,
      event: { type, media_id: 'm', qualities, status: 'new' },
      answered: 200,
    }),
  );
  assert.equal(differenceFrom(expected, arrivals), null);
  const [first, second, ...rest] = arrivals;
  assert.ok(first && second);
  for (const index of arrivals.keys()) {
    assert.match(differenceFrom(expected, arrivals.toSpliced(index, 1)) ?? '', /^expected .*; got /);
  }
  assert.match(differenceFrom(expected, [second, first, ...rest]) ?? '', /^expected /);
  const forged = { ...first, verified: false };
  assert.equal(
    differenceFrom(expected, [forged, second, ...rest]),
    'the signature of file.received is wrong',
  );
});
