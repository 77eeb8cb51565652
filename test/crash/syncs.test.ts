import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { mediaDir, partsDir, publicDir, workDir } from '../../src/media/files/media-files.ts';
import { makeClip } from '../support/media/clips.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';
import { cannotTrace, type SystemCall, systemCallsDuring } from '../support/service/system-calls.ts';

/** A kill -9 loses nothing that the kernel has. Data that a loss of power would lose shows only in the system calls. */
const options = { skip: cannotTrace() };

/** Returns the index of the first call that matches; fails if none does. */
function indexOf(calls: readonly SystemCall[], what: string, fits: (call: SystemCall) => boolean): number {
  const index = calls.findIndex(fits);
  assert.ok(index >= 0, `${what}: ${JSON.stringify(calls)}`);
  return index;
}

test('a part is on the disk, and so is its name, before it is acknowledged', options, async (t) => {
  const { service } = await startServiceWithReceiver(t);
  const { id } = await service.client.createMedia();
  const parts = partsDir(mediaDir(service.dataDir, id));
  for (const range of ['bytes 0-99999/200000', 'bytes 100000-199999/200000', undefined]) {
    const part = { bytes: randomBytes(100_000), ...(range === undefined ? {} : { range }) };
    const calls = await systemCallsDuring(service.pid, () => service.client.uploadPart(id, part));
    const written = indexOf(calls, 'the bytes are synced', ({ call, path }) => {
      return call === 'sync' && dirname(path) === parts && path.endsWith('.tmp');
    });
    const named = indexOf(calls, 'it is renamed', ({ call, path }) => {
      return call === 'rename' && dirname(path) === parts && basename(path).startsWith('bytes-');
    });
    const entered = calls.findLastIndex(({ call, path }) => call === 'sync' && path === parts);
    assert.ok(written < named && named < entered, JSON.stringify(calls));
  }
});

test('an event is on the disk before it is accepted', options, async (t) => {
  const { service, receiver, publishOne } = await startServiceWithReceiver(t);
  receiver.answer(() => {});
  for (let number = 1; number <= 3; number += 1) {
    const calls = await systemCallsDuring(service.pid, () => publishOne('m', number));
    indexOf(calls, 'the journal is synced', ({ call, path }) => {
      return call === 'sync' && path.endsWith('.sqlite.journal');
    });
  }
});

test('a quality is on the disk, every segment of it, before it is moved to its place', options, async (t) => {
  const { service, receiver } = await startServiceWithReceiver(t);
  const clip = await makeClip({ width: 256, height: 144, seconds: 3 });
  const qualities = [{ resolution: '144p' }];
  let id = '';
  const calls = await systemCallsDuring(service.pid, async () => {
    id = await service.client.upload(clip, { qualities, segment_duration: 1 });
    await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  });
  const dir = mediaDir(service.dataDir, id);
  const target = join(publicDir(dir), 'hls', '0-144p');
  const moved = indexOf(calls, 'it is moved', ({ call, path }) => call === 'rename' && path === target);
  const before = calls
    .slice(0, moved)
    .filter(({ call, path }) => call === 'sync' && path.startsWith(workDir(dir)));
  const synced = new Set(before.map(({ path }) => basename(path)));
  const names = await readdir(target);
  assert.ok(names.length >= 3);
  for (const name of names) assert.ok(synced.has(name), `${name} was not synced`);
  assert.ok(
    before.some(({ path }) => dirname(path) === workDir(dir)),
    'its directory was not synced',
  );
  const after = calls.slice(moved).filter(({ call }) => call === 'sync');
  assert.ok(
    after.some(({ path }) => path === dirname(target)),
    'its name was not synced',
  );
});
