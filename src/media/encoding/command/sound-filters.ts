import type { AudioRendition } from '../plan/rendition.ts';
import type { Timeline } from '../plan/timeline.ts';
import { fromBeginning, secondsText } from './time-filters.ts';

/**
 * Keeps a loud mix below full level, because a decoder would cut it off. An attack of a millisecond delays the sound
 * by that much only.
 */
const LIMITER = 'alimiter=limit=0.97:level=0:attack=1';

/**
 * Corrections of the filter `aresample`, which give the sound the times that the file says. A difference of more
 * than a tenth of a second is filled with silence or cut off. A smaller one, from 10 ms on, is made up for by
 * playing up to 1.5 % faster or slower, which nobody hears: clocks of cameras and microphones differ by up to 1 %.
 * Without `flags=res`, ffmpeg 5.1 would begin to resample at the first correction, and lose sound.
 */
const CORRECTIONS = 'flags=res:async=1:min_comp=0.01:max_soft_comp=0.015';

/** Name of the sound that `pairGraph` makes. */
export const PAIR = '[sound]';

/**
 * Returns ffmpeg's filters for the sound of a quality, from the decoder to the encoder: stereo from 0 to the
 * end of the media, with silence where the file has no sound.
 */
export function soundFilters({ mix, sampleRate }: AudioRendition, timeline: Timeline): string {
  return [
    ...inTime(sampleRate, timeline),
    ...mixed(mix),
    'aformat=channel_layouts=stereo',
    ...toEnd(timeline),
  ].join(',');
}

/**
 * Returns ffmpeg's graph that makes stereo of two streams of one channel each. `input` is the number of the input
 * that has both.
 */
export function pairGraph(
  { stream, sampleRate }: AudioRendition,
  right: number,
  { timeline, input }: { readonly timeline: Timeline; readonly input: number },
): string {
  const one = [...inTime(sampleRate, timeline), 'aformat=channel_layouts=mono', ...toEnd(timeline)].join(',');
  return [
    `[${input}:${stream}]${one}[left]`,
    `[${input}:${right}]${one}[right]`,
    `[left][right]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR${PAIR}`,
  ].join(';');
}

function inTime(sampleRate: number, timeline: Timeline): string[] {
  return [`asetpts=${fromBeginning(timeline)}`, `aresample=${sampleRate}:${CORRECTIONS}:first_pts=0`];
}

function mixed({ matrix, isLoud }: AudioRendition['mix']): string[] {
  if (matrix === null) return [];
  const pan = ['aformat=sample_fmts=fltp', `pan=stereo|${matrix}`];
  return isLoud ? [...pan, LIMITER] : pan;
}

function toEnd(timeline: Timeline): string[] {
  return ['apad', `atrim=end=${secondsText(timeline.durationSeconds)}`];
}
