import { join } from 'node:path';
import type { MediaLimits } from '../../domain/media-limits.ts';
import { convertSoundArgs } from './command/converted-sound.ts';
import { type DiskGuardOptions, runFfmpegGuarded } from './disk-guard.ts';
import type { Failure } from './ffmpeg/failures.ts';
import { encodeBounds } from './ffmpeg/limits.ts';
import { readFirstPacket } from './output/beginning.ts';
import type { AudioRendition, Rendition } from './plan/rendition.ts';
import { PLAIN } from './plan/sound-mix.ts';
import type { Probe } from './source/probe-report.ts';

export interface ConvertOptions
  extends Pick<DiskGuardOptions, 'ffmpegPath' | 'signal' | 'minFreeBytes' | 'run'> {
  /** Called if parts of the sound could not be decoded. */
  readonly onComplaint: () => void;
  /** Path of the received file. */
  readonly source: string;
  readonly probe: Pick<Probe, 'depth' | 'durationSeconds'>;
  readonly limits: MediaLimits;
}

/**
 * Converts a sound whose sample rate or layout changes to one form, in a file in `scratch`. Returns the rendition with
 * the converted sound.
 */
export async function convertSound(
  rendition: Rendition & { readonly audio: AudioRendition },
  options: ConvertOptions,
  scratch: string,
): Promise<{ ok: true; rendition: Rendition } | Failure> {
  const { source, probe, limits, ffmpegPath, signal, minFreeBytes, onComplaint } = options;
  const { audio } = rendition;
  const counted = options.run ? { run: options.run } : {};
  const path = join(scratch, 'sound.nut');
  const input = { ...limits, depth: probe.depth ?? null };
  const made = await runFfmpegGuarded(convertSoundArgs(source, rendition, { limits: input, output: path }), {
    ...{ ffmpegPath, signal, minFreeBytes, onComplaint, cwd: scratch },
    ...counted,
    bounds: encodeBounds(limits, probe.durationSeconds),
  });
  if (!made.ok) return made;
  const first = await readFirstPacket(path, options);
  if (!first.ok) return first;
  const converted = { path, beginsAt: first.start };
  const streams = { stream: 0, right: audio.right === null ? null : 1 };
  return { ok: true, rendition: { ...rendition, audio: { ...audio, ...streams, mix: PLAIN, converted } } };
}
