import type { Failure } from '../ffmpeg/failures.ts';
import type { AudioStream, Probe } from './probe-report.ts';

/** Maximum number of other sounds that are tried, because each of them can cost a whole encode. */
const MAX_OTHER_SOUNDS = 2;

/** Streams of which a quality is encoded. */
export type Streams = Pick<Probe, 'video' | 'audio'>;

/**
 * Returns the sounds that are encoded beside a picture, one after the other until one of them can be decoded. The last
 * one is `null`: a video without sound is better than none.
 */
export function soundsToTry({ video, audio, otherSounds = [] }: Probe): (AudioStream | null)[] {
  if (audio === null) return [null];
  const others = otherSounds.slice(0, MAX_OTHER_SOUNDS);
  return video === null ? [audio, ...others] : [audio, ...others, null];
}

/**
 * Returns the streams that are encoded, one choice after the other until one of them succeeds. The last one is the sound
 * without the picture, because it is better than nothing.
 */
export function streamsToTry(probe: Probe): Streams[] {
  const { video, audio } = probe;
  const withPicture = soundsToTry(probe).map((sound) => ({ video, audio: sound }));
  return video && audio ? [...withPicture, { video: null, audio }] : withPicture;
}

/** Reasons of failures that other streams cannot mend: limits of the service. */
const LIMITS = /limit|pixels|lacks/;

/** Returns whether an encode that failed may succeed with other streams. */
export function mayBeTheStreams({ kind, reason }: Failure): boolean {
  return kind === 'failed' && !LIMITS.test(reason);
}

/**
 * Returns the note about a media whose first choice of streams could not be encoded, as a whole sentence for the
 * account. `used`: what was encoded instead.
 */
export function fallbackNote(wanted: Streams, used: Streams): string {
  if (wanted.video && !used.video) {
    return "The picture of the file can't be encoded; at least one quality of the media is sound alone.";
  }
  return used.audio === null
    ? "The sound of the file can't be decoded; the media has no sound."
    : `The first sound of the file can't be decoded; that of track ${used.audio.stream + 1} is heard instead.`;
}
