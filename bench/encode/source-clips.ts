import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FFMPEG } from '../../src/media/encoding/testing/sample-clips.ts';

/**
 * Kinds of sources: `camera` moves everywhere and has a little noise, about 12 Mbit/s; `screen` is flat and sharp, about
 * 5 Mbit/s; `noise` has much noise, about 27 Mbit/s.
 */
export const SOURCES = ['camera', 'screen', 'noise'] as const;
export type SourceKind = (typeof SOURCES)[number];

const PICTURES: Readonly<Record<SourceKind, readonly string[]>> = {
  camera: [
    ...['-f', 'lavfi', '-i', 'mandelbrot=s=960x540:r=30:maxiter=300'],
    ...['-vf', 'scale=1920:1080:flags=lanczos,noise=alls=6:allf=t,format=yuv420p', '-crf', '23'],
  ],
  screen: ['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30', '-vf', 'format=yuv420p'],
  noise: [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30', '-vf', 'noise=alls=8:allf=t,format=yuv420p'],
    ...['-b:v', '27M'],
  ],
};

/** Makes a source of 1080p with 30 pictures a second and sound. Returns its path. */
export async function makeSource(directory: string, kind: SourceKind, seconds: number): Promise<string> {
  const file = join(directory, `${kind}.mp4`);
  await promisify(execFile)(FFMPEG, [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'anoisesrc=color=pink:amplitude=0.3'],
    ...PICTURES[kind],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-c:a', 'aac', '-t', String(seconds), file],
  ]);
  return file;
}
