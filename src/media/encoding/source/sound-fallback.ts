import type { Failure } from '../ffmpeg/failures.ts';
import type { AudioStream, Probe } from './probe-report.ts';

/** Maximum number of other sounds that are tried, because each of them can cost a whole encode. */
const MAX_OTHER_SOUNDS = 2;

/**
 * Returns the sounds that are encoded beside a picture, one after the other until one of them can be decoded. The last
 * one is `null`: a video without sound is better than none.
 */
export function soundsToTry({ video, audio, otherSounds = [] }: Probe): (AudioStream | null)[] {
  if (audio === null) return [null];
  const others = otherSounds.slice(0, MAX_OTHER_SOUNDS);
  return video === null ? [audio, ...others] : [audio, ...others, null];
}

/** Reasons of failures that another sound, or none, cannot mend: limits of the service. */
const LIMITS = /limit|pixels|lacks/;

/** Returns whether an encode that failed may succeed with another sound. */
export function mayBeTheSound({ kind, reason }: Failure): boolean {
  return kind === 'failed' && !LIMITS.test(reason);
}

/**
 * Returns the note about the sound of a media whose first sound could not be encoded, as a whole sentence for the
 * account.
 */
export function fallbackNote(used: AudioStream | null): string {
  return used === null
    ? "The sound of the file can't be decoded; the media has no sound."
    : `The first sound of the file can't be decoded; that of track ${used.stream + 1} is heard instead.`;
}
