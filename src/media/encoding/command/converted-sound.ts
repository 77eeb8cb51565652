import { type InputLimits, JOINING, mediaInputArgs } from '../ffmpeg/input-args.ts';
import type { AudioRendition, ConvertedSound } from '../plan/rendition.ts';
import type { Timeline } from '../plan/timeline.ts';
import { CONVERTED_BEGINS_AT, formFilters } from './sound-filters.ts';
import { secondsText } from './time-filters.ts';

/**
 * Returns ffmpeg's arguments for making a file with the sound of a rendition in one form: a stream of stereo, or two
 * of one channel for a pair. The filters have no memory of times, so that ffmpeg may make them again whenever the sound
 * changes. The container keeps the times of the samples, gaps included, but has no negative ones.
 */
export function convertSoundArgs(
  source: string,
  { audio, timeline }: { readonly audio: AudioRendition; readonly timeline: Timeline },
  { limits, output }: { readonly limits: InputLimits; readonly output: string },
): string[] {
  const { stream, right, sampleRate } = audio;
  const streams = right === null ? [stream] : [stream, right];
  const joined = timeline.joined ?? [];
  return [
    ...(timeline.joined === undefined ? ['-copyts'] : JOINING),
    ...mediaInputArgs(source, limits),
    ...streams.flatMap((index) => ['-map', `0:${index}`]),
    ...['-af', formFilters(audio), '-c:a', 'pcm_s16le', '-ar', String(sampleRate)],
    ...['-output_ts_offset', secondsText(CONVERTED_BEGINS_AT - timeline.beginsAt)],
    ...['-map_metadata', '-1', '-avoid_negative_ts', 'disabled', '-f', 'nut', output],
    ...readingArgs(joined.filter((index) => !streams.includes(index))),
  ];
}

/**
 * Returns ffmpeg's arguments for opening a converted sound, with the times that it has. Without `-copyts`, ffmpeg would
 * let it begin at 0.
 */
export function convertedInputArgs({ path, beginsAt }: ConvertedSound, { joined }: Timeline): string[] {
  const moved = joined === undefined ? [] : ['-itsoffset', secondsText(beginsAt)];
  return [...moved, '-protocol_whitelist', 'file', '-i', `file:${path}`];
}

/** Returns the arguments of an output that reads some streams of the first input, and writes nothing. */
export function readingArgs(streams: readonly number[]): string[] {
  if (streams.length === 0) return [];
  return [...streams.flatMap((index) => ['-map', `0:${index}`]), '-c', 'copy', '-f', 'null', '-'];
}
