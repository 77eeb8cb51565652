import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketReader } from './packet-times.ts';

function timesOf(...lines: string[]) {
  const reader = new PacketReader();
  for (const line of lines) reader.onLine(line);
  return Object.fromEntries(reader.times());
}

test('each stream lasts from its first packet to the end of its last one, in any order', () => {
  assert.deepEqual(
    timesOf('0,1.0,0.9,0.5,K__', '1,0.8,0.8,0.2,K__', '0,2.0,1.1,0.5,___', '0,1.5,1.2,0.5,___'),
    { 0: { count: 3, start: 1, end: 2.5 }, 1: { count: 1, start: 0.8, end: 1 } },
  );
});

test('pictures before the first key frame do not count, nor those that an edit list hides', () => {
  assert.deepEqual(
    timesOf('0,1.0,1.0,0.5,___', '0,1.5,1.5,0.5,KD_', '0,2.0,2.0,0.5,K__', '0,2.5,2.5,0.5,__C'),
    { 0: { count: 2, start: 2, end: 3 } },
  );
});

test('a time or duration that ffprobe does not know is replaced, or the packet is skipped', () => {
  assert.deepEqual(timesOf('0,N/A,3.0,N/A,K__', '0,N/A,N/A,0.5,K__', '1,N/A,N/A,N/A,K__', ''), {
    0: { count: 1, start: 3, end: 3 },
  });
});
