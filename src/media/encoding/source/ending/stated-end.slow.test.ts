import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeClip } from '../../testing/sample-clips.ts';
import { statedEnd } from './stated-end.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-ending-'));
});
after(() => rm(dir, { recursive: true }));

async function cutOff(clip: string, bytes: number): Promise<string> {
  const file = join(dir, 'cut-off');
  await writeFile(file, (await readFile(clip)).subarray(0, bytes));
  return file;
}

const FRAGMENTED = ['-movflags', '+frag_keyframe+empty_moov'];
const LIVE = ['-f', 'matroska', '-live', '1'];
const FILES: readonly (readonly [name: string, hasPicture: boolean, args?: readonly string[]])[] = [
  ['a.wav', false],
  ['a.aiff', false],
  ['a.caf', false],
  ['a.w64', false],
  ['a.ogg', false, ['-c:a', 'libopus']],
  ['a.wma', false],
  ['a.avi', true],
  ['a.mkv', true],
  ['live.mkv', true, LIVE],
  ['a.webm', true, ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus']],
  ['a.flv', true, ['-ar', '44100']],
  ['a.mpg', true],
  ['a.ts', true],
  ['a.m2ts', true],
  ['fragmented.mp4', true, FRAGMENTED],
];

test('a file that was cut off ends before the end that it states, and a whole one does not', async () => {
  for (const [name, hasPicture, args = []] of FILES) {
    const clip = await makeClip(dir, name, {
      seconds: 0.5,
      ...(hasPicture ? { picture: { size: '64x48' } } : {}),
      args: [...args],
    });
    const { size } = await stat(clip);
    assert.equal(await statedEnd(clip), null, name);
    // The odd number is no multiple of the packets of transport streams.
    const end = await statedEnd(await cutOff(clip, Math.floor(size / 2 / 188) * 188 + 101));
    assert.ok(end !== null && end <= size, `${name}: ${end}`);
  }
});

test('files that were written to a pipe, and other files, state no end', async () => {
  const header = Buffer.from('RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0', 'latin1');
  const format = Buffer.from('01000200 80bb0000 00ee0200 04001000'.replaceAll(' ', ''), 'hex');
  for (const size of [0, 0xffff_ffff, 0x7fff_f000]) {
    const data = Buffer.from('data\0\0\0\0', 'latin1');
    data.writeUInt32LE(size, 4);
    const file = join(dir, 'piped.wav');
    await writeFile(file, Buffer.concat([header, format, data, Buffer.alloc(400)]));
    assert.equal(await statedEnd(file), null, String(size));
  }
  for (const text of [
    '',
    'RIFF',
    'no media, but a text of some length',
    'OggS',
    `GIF89a${'\0'.repeat(40)}`,
  ]) {
    const file = join(dir, 'other');
    await writeFile(file, text);
    assert.equal(await statedEnd(file), null, text);
  }
});
