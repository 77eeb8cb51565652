import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../domain/media-limits.ts';
import { FFPROBE, makeClip } from './encoding/testing/sample-clips.ts';
import { partsDir } from './files/media-files.ts';
import { ReceivedSound } from './received-sound.ts';

let dir = '';
before(async () => {
  // The names of parts are relative to their directory, because ffprobe would take these characters for its own.
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-sound, a|b '));
  await mkdir(partsDir(dir), { recursive: true });
});
after(() => rm(dir, { recursive: true }));

/** Returns whether a file is taken for sound that was received in three parts, of which the last two overlap. */
async function isSoundAlone(clip: string, ffprobePath = FFPROBE): Promise<boolean> {
  const bytes = await readFile(clip);
  const [first, second] = [Math.floor(bytes.length / 3), Math.floor(bytes.length / 2)];
  await writeFile(join(partsDir(dir), 'a'), bytes.subarray(0, first));
  await writeFile(join(partsDir(dir), 'b'), bytes.subarray(first, second));
  await writeFile(join(partsDir(dir), 'c'), bytes.subarray(first));
  const steps = [
    { file: 'a', skipBytes: 0, takeBytes: first },
    { file: 'b', skipBytes: 0, takeBytes: second - first },
    { file: 'c', skipBytes: second - first, takeBytes: bytes.length - second },
  ];
  const sound = new ReceivedSound({ ffprobePath, limits: DEFAULT_MEDIA_LIMITS });
  return sound.isSoundAlone('account', dir, { kind: 'parts', totalBytes: bytes.length, steps });
}

const OPUS = ['-c:a', 'libopus'];
const SOUNDS: readonly (readonly [name: string, ...args: string[]])[] = [
  ...['wav', 'mp3', 'caf', 'wma', 'mka', 'mp4', 'ts', 'flv'].map(
    (extension) => [`a.${extension}`, ...(extension === 'flv' ? ['-ar', '44100'] : [])] as const,
  ),
  ['rf64.wav', '-rf64', 'always'],
  ['a.webm', ...OPUS],
  ['a.ogg', ...OPUS],
  ['fragmented.m4a', '-movflags', '+frag_keyframe+empty_moov'],
];

test('sound is recognised in every container, although the file is still in parts', async () => {
  for (const [name, ...args] of SOUNDS) {
    assert.ok(await isSoundAlone(await makeClip(dir, name, { seconds: 0.5, args })), name);
  }
});

test('a file with a picture, one that is no media, and any file without ffprobe is not taken for sound', async () => {
  const vorbisFirst = ['-map', '1', '-map', '0', '-c:v', 'libtheora', '-c:a', 'libvorbis'];
  for (const [name, ...args] of [
    ['a.mp4'],
    ['a.ts'],
    ['a.mkv'],
    ['a.flv', '-ar', '44100'],
    ['a.ogg', ...vorbisFirst],
  ] as const) {
    const clip = await makeClip(dir, name, { seconds: 0.5, picture: { size: '64x48' }, args: [...args] });
    assert.ok(!(await isSoundAlone(clip)), name);
  }
  const text = join(dir, 'text');
  await writeFile(text, 'no media, but a text of some length');
  assert.ok(!(await isSoundAlone(text)));
  assert.ok(!(await isSoundAlone(join(dir, 'a.wav'), join(dir, 'missing'))));
});
