import type { AudioRendition } from '../plan/rendition.ts';
import { ofAnyLayout } from '../plan/sound-mix.ts';
import type { Timeline } from '../plan/timeline.ts';
import { fromBeginning, secondsText, withoutStrays } from './time-filters.ts';

/**
 * Keeps a loud mix below full level, because a decoder would cut it off. An attack of a millisecond delays the sound
 * by that much only.
 */
const LIMITER = 'alimiter=limit=0.97:level=0:attack=1';

/**
 * Corrections of the filter `aresample`, which give the sound the times that the file says. A difference of more
 * than 30 ms, which is longer than a frame of MP3 or AAC, is filled with silence or cut off: packets were lost, or parts
 * overlap. A smaller one, from 10 ms on, is made up for by playing up to 1.5 % faster or slower, which nobody hears:
 * times are rounded, and clocks of cameras and microphones differ by up to 1 %.
 * Without `flags=res`, ffmpeg 5.1 would begin to resample at the first correction, and lose sound.
 */
const CORRECTIONS = 'flags=res:async=1:min_comp=0.01:max_soft_comp=0.015';
const MAX_SOFT_SECONDS = 0.03;
/** Limit of soft corrections for a converted sound, whose times are exact, and which lacks samples at each change. */
const MAX_SOFT_SECONDS_OF_CONVERTED = 0.015;

/**
 * Returns ffmpeg's filters for the sound of a quality, from the decoder to the encoder: stereo from 0 to the
 * end of the media, with silence where the file has no sound.
 */
export function soundFilters(audio: AudioRendition, timeline: Timeline): string {
  return [
    ...inTime(audio, timeline),
    ...mixed(audio.mix),
    'aformat=channel_layouts=stereo',
    ...toEnd(timeline),
  ].join(',');
}

/**
 * Returns ffmpeg's graph that makes stereo of two streams of one channel each. `input` is the number of the input
 * that has both, and `name` that of the sound which is made.
 */
export function pairGraph(
  audio: AudioRendition,
  right: number,
  { timeline, input, name }: { readonly timeline: Timeline; readonly input: number; readonly name: string },
): string {
  const one = [...inTime(audio, timeline), 'aformat=channel_layouts=mono', ...toEnd(timeline)].join(',');
  return [
    `[${input}:${audio.stream}]${one}[left]`,
    `[${input}:${right}]${one}[right]`,
    `[left][right]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR${name}`,
  ].join(';');
}

/** Time at which a media begins in the file of its converted sound, in seconds. */
export const CONVERTED_BEGINS_AT = 10;

function inTime({ sampleRate, converted }: AudioRendition, timeline: Timeline): string[] {
  const origin = converted ? { ...timeline, beginsAt: CONVERTED_BEGINS_AT } : timeline;
  const hard = `min_hard_comp=${converted ? MAX_SOFT_SECONDS_OF_CONVERTED : MAX_SOFT_SECONDS}`;
  const strays = withoutStrays('aselect', timeline);
  return [
    `asetpts=${fromBeginning(origin)}`,
    ...strays,
    `aresample=${sampleRate}:${CORRECTIONS}:${hard}:first_pts=0`,
  ];
}

/**
 * Leaves out a frame whose time does not follow from the one before. ffmpeg 5.1 counts the time of the last frame before
 * a change in samples of the rate after it. After a gap, one frame is lost with this.
 */
const CONTINUOUS = "aselect='eq(n,0)+lt(abs(t-prev_t-samples_n/sample_rate),0.05)'";

/**
 * Returns ffmpeg's filters that give a sound one sample rate and one layout, and leave its times as they are. ffmpeg
 * makes them again at each change.
 */
export function formFilters({ mix, right, sampleRate }: AudioRendition): string {
  const layout = right === null ? 'stereo' : 'mono';
  const form = `aformat=sample_rates=${sampleRate}:channel_layouts=${layout}`;
  return [CONTINUOUS, ...(right === null ? mixed(ofAnyLayout(mix)) : []), form].join(',');
}

function mixed({ matrix, isLoud }: AudioRendition['mix']): string[] {
  if (matrix === null) return [];
  const pan = ['aformat=sample_fmts=fltp', `pan=stereo|${matrix}`];
  return isLoud ? [...pan, LIMITER] : pan;
}

function toEnd(timeline: Timeline): string[] {
  return ['apad', `atrim=end=${secondsText(timeline.durationSeconds)}`];
}
