import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isWholeFile } from './truncation.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'whole-file-'));
});
after(() => rm(dir, { recursive: true }));

async function isWhole(name: string, content: Buffer | string): Promise<boolean> {
  await writeFile(join(dir, name), content);
  return isWholeFile(join(dir, name));
}

function box(type: string, bytes: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(8 + bytes);
  return Buffer.concat([size, Buffer.from(type), Buffer.alloc(bytes)]);
}

test('an empty file is never complete', async () => {
  for (const name of ['a.ts', 'a.m4s', 'a.m3u8', 'a.mpd', 'a.jpg'])
    assert.equal(await isWhole(name, ''), false);
});

test('a transport stream is complete if its last packet is', async () => {
  assert.equal(await isWhole('a.ts', Buffer.alloc(188 * 3)), true);
  assert.equal(await isWhole('a.ts', Buffer.alloc(4096)), false);
});

test('a fragmented MP4 is complete if its last box is', async () => {
  const segment = Buffer.concat([box('moof', 100), box('mdat', 5000)]);
  assert.equal(await isWhole('a.m4s', segment), true);
  assert.equal(await isWhole('a.m4s', segment.subarray(0, 4096)), false);
  assert.equal(await isWhole('a.m4s', segment.subarray(0, 112)), false);
  const large = Buffer.concat([Buffer.from('00000001', 'hex'), Buffer.from('mdat'), Buffer.alloc(8)]);
  large.writeBigUInt64BE(16n, 8);
  assert.equal(await isWhole('a.mp4', large), true);
  assert.equal(await isWhole('a.mp4', Buffer.alloc(16)), false, 'a box of size 0 would never end');
});

test('texts and pictures are complete if their end marker is there', async () => {
  assert.equal(await isWhole('a.mpd', '<MPD></MPD>\n'), true);
  assert.equal(await isWhole('a.mpd', '<MPD></M'), false);
  assert.equal(await isWhole('a.m3u8', '#EXTM3U\n'), true);
  assert.equal(await isWhole('a.m3u8', '#EXTM'), false);
  assert.equal(await isWhole('a.jpg', Buffer.from('ffd8ffd9', 'hex')), true);
  assert.equal(await isWhole('a.jpg', Buffer.from('ffd8ff00', 'hex')), false);
});
