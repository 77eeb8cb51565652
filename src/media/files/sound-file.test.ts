import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeClip } from '../encoding/testing/sample-clips.ts';
import { isSound } from './sound-file.ts';

test('files of formats that contain only sound are recognised by their beginning', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-sound-'));
  t.after(() => rm(dir, { recursive: true }));
  const made = async (name: string, ...args: string[]) =>
    isSound((await readFile(await makeClip(dir, name, { seconds: 0.2, args }))).subarray(0, 64));
  for (const name of ['a.wav', 'a.flac', 'a.aiff', 'a.caf', 'a.au', 'a.ac3', 'a.wv', 'a.tta', 'a.aac']) {
    assert.ok(await made(name), name);
  }
  assert.ok(await made('tagged.mp3', '-metadata', 'title=a'));
  assert.ok(await made('bare.mp3', '-id3v2_version', '0', '-write_xing', '0'));
  assert.ok(await made('a.mp2'));
  assert.ok(await made('a.m4a', '-brand', 'M4A '));
  assert.ok(await made('a.ogg', '-c:a', 'libopus'));
});

test('files that may have a picture, and files of other kinds, are not taken for sound', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-picture-'));
  t.after(() => rm(dir, { recursive: true }));
  for (const name of ['a.mp4', 'a.mkv', 'a.ts', 'a.avi', 'a.flv', 'a.mpg']) {
    const clip = await makeClip(dir, name, { seconds: 0.2, picture: { size: '64x64' } });
    assert.ok(!isSound((await readFile(clip)).subarray(0, 64)), name);
  }
  for (const text of [
    '',
    'no media',
    'RIFF1234AVI ',
    'FORM1234ILBM',
    '\xff\xfe text in UTF-16',
    '\xff\xd8\xff',
  ]) {
    assert.ok(!isSound(Buffer.from(text, 'latin1')), text);
  }
});
