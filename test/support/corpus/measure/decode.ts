import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';

/** Decoded pictures and sound of an output. */
export interface Decoded {
  /** Pictures in planar 4:2:0 with 8 bits, one after the other. */
  readonly pictures: Buffer;
  /** Samples from -1 to 1; with two channels, left and right alternate. */
  readonly samples: Float32Array;
  /** Messages of the decoder. */
  readonly messages: string;
}

/** Decodes the first picture and the first sound of `files` in one run of ffmpeg. */
export async function decode(
  files: readonly string[],
  inputs: { readonly picture: number | null; readonly sound: number | null },
): Promise<Decoded> {
  const { picture, sound } = inputs;
  const args = [
    ...['-v', 'error', '-nostdin', ...files.flatMap((file) => ['-i', file])],
    ...(picture === null ? [] : ['-map', `${picture}:v:0`, '-fps_mode', 'passthrough']),
    ...(picture === null ? [] : ['-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1']),
    ...(sound === null ? [] : ['-map', `${sound}:a:0`, '-c:a', 'pcm_f32le', '-f', 'f32le', 'pipe:3']),
  ];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const [pictures, messages, raw] = await Promise.all([
    buffer(child.stdout as Readable),
    text(child.stderr as Readable),
    buffer(child.stdio[3] as Readable),
    child.exitCode === null ? once(child, 'close') : undefined,
  ]);
  const bytes = new Uint8Array(raw).buffer;
  return { pictures, samples: new Float32Array(bytes, 0, Math.floor(bytes.byteLength / 4)), messages };
}
