import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeClip as makeClipFile } from '../../../src/media/encoding/testing/sample-clips.ts';

/** Clips that this process has made, by their sizes and durations. */
const made = new Map<string, Promise<Buffer>>();

/** Makes a clip with moving bars and a tone. Returns the bytes of the MP4 file. */
export async function makeClip({ width = 320, height = 180, seconds = 1 } = {}): Promise<Buffer> {
  const key = `${width}x${height}, ${seconds} s`;
  // Each test gets a copy, because a test may change its clip.
  return Buffer.from(await made.getOrInsertComputed(key, () => encodeClip(width, height, seconds)));
}

async function encodeClip(width: number, height: number, seconds: number): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-clip-'));
  try {
    const picture = { size: `${width}x${height}` };
    const args = ['-c:a', 'aac', '-shortest', '-movflags', '+faststart'];
    return await readFile(await makeClipFile(dir, 'clip.mp4', { seconds, picture, args }));
  } finally {
    await rm(dir, { recursive: true });
  }
}
