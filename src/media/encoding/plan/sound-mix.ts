import type { AudioStream } from '../source/probe-report.ts';

/** Rule by which the channels of a sound become left and right. */
export interface SoundMix {
  /**
   * Matrix for ffmpeg's filter `pan`, such as `c0=c0|c1=c0`; `null`: the sound has two channels, and they are
   * left and right.
   */
  readonly matrix: string | null;
  /** Whether the mix can be louder than the loudest channel, so that it must be limited. */
  readonly isLoud: boolean;
  /** Whole sentence for the account; `null`: the mix is what everyone expects. */
  readonly note: string | null;
}

/** Mix of a sound that is stereo already. */
export const PLAIN: SoundMix = { matrix: null, isLoud: false, note: null };

/** Mix of a sound that has only the channel in front. */
const MONO = 'FL=FC+FL|FR=FC+FR';

/** Layouts whose two channels are left and right. ffmpeg takes two channels without a layout for stereo. */
const STEREO = ['stereo', 'downmix', ''];
/** Numbers of channels without a layout that have an order which everyone uses: 5.0, 5.1, 6.1 and 7.1. */
const COMMON_COUNTS = [5, 6, 7, 8];

/**
 * Weights of ITU-R BS.775 for the channels that are heard on the left, and for their counterparts on the right. The
 * channel in front is heard on both sides at half of its power, so that speech is as loud as it was. Deep effects
 * (LFE) are left out, as the recommendation has it.
 */
const HALF_POWER = Number(Math.SQRT1_2.toFixed(3));
const QUARTER_POWER = 0.5;
const SIDES = [
  ['FL', 'FR', 1],
  ['DL', 'DR', 1],
  ['FLC', 'FRC', 1],
  ...['S', 'B', 'W', 'SD', 'TF', 'TS', 'TB', 'BF'].map((at) => [`${at}L`, `${at}R`, HALF_POWER] as const),
] as const;
const CENTRES = [
  ['FC', HALF_POWER],
  ...['BC', 'TC', 'TFC', 'TBC', 'BFC'].map((name) => [name, QUARTER_POWER] as const),
] as const;

/** Returns how the channels of a sound become left and right. */
export function mixOf({ channels, layout = '' }: Pick<AudioStream, 'channels' | 'layout'>): SoundMix {
  if (layout.startsWith('ambisonic')) return ambisonicMix(channels, layout);
  if (channels === 1) return monoMix(layout);
  if (channels === 2) return STEREO.includes(layout) ? PLAIN : byNumber(2);
  return isNamed(channels, layout) ? byName() : byNumber(channels);
}

/**
 * Mono is as loud on each side as it was, which is how players play it. ffmpeg by itself would make it quieter by
 * 3 dB. The channels are named, so that a sound that becomes stereo midway is stereo from there on.
 */
function monoMix(layout: string): SoundMix {
  const isCentre = layout === 'mono' || layout === '';
  return { ...PLAIN, matrix: isCentre ? MONO : 'c0=c0|c1=c0' };
}

function isNamed(channels: number, layout: string): boolean {
  if (layout === '') return COMMON_COUNTS.includes(channels);
  // ffprobe writes a layout that has no name of its own with all channels: `3 channels (FL+FR+LFE)`.
  const listed = /\(([^)]*)\)$/.exec(layout)?.[1];
  if (listed === undefined || !/^\d+ channels/.test(layout)) return true;
  return listed.split('+').every((name) => name.startsWith('LFE') || KNOWN.has(name));
}

const KNOWN = new Set<string>([
  ...SIDES.flatMap((names) => [names[0], names[1]]),
  ...CENTRES.map(([name]) => name),
]);

/**
 * Returns the mix of a sound that begins with a mix and changes its layout later. A sound that begins in mono or stereo
 * can become the other, or surround sound: mono stays as loud as it was, and no channel is lost.
 */
export function ofAnyLayout(mix: SoundMix): SoundMix {
  return mix.matrix === null || mix.matrix === MONO ? byName(1) : mix;
}

/** Names all channels that there can be, because ffmpeg ignores those which a sound does not have. */
function byName(front = HALF_POWER): SoundMix {
  const side = (index: 0 | 1) =>
    [
      ...SIDES.map((names) => `${names[2]}*${names[index]}`),
      ...CENTRES.map(([name, at]) => `${name === 'FC' ? front : at}*${name}`),
    ].join('+');
  return { matrix: `FL=${side(0)}|FR=${side(1)}`, isLoud: true, note: null };
}

/** Channels 1, 3, 5… become left, and channels 2, 4, 6… right, because most recorders number pairs so. */
function byNumber(channels: number): SoundMix {
  const side = (first: 0 | 1) => {
    const numbers = Array.from({ length: channels }, (_, number) => number).filter((n) => n % 2 === first);
    const weight = Number((1 / Math.sqrt(numbers.length)).toFixed(4));
    return numbers.map((number) => `${weight}*c${number}`).join('+');
  };
  const matrix = `c0=${side(0)}|c1=${side(1)}`;
  if (channels === 2) return { ...PLAIN, matrix };
  const note =
    `The file does not say where the ${channels} channels of its sound belong; ` +
    'the odd ones are heard on the left, and the even ones on the right.';
  return { matrix, isLoud: true, note };
}

/** Channel 0 of ambisonic sound has all directions, and channel 1 the difference of left and right (order ACN). */
function ambisonicMix(channels: number, layout: string): SoundMix {
  // Two channels may follow that are stereo as they are: `ambisonic 1+stereo`.
  const [left, right] = layout.endsWith('+stereo') ? [`+c${channels - 2}`, `+c${channels - 1}`] : ['', ''];
  return {
    matrix: `c0=${HALF_POWER}*c0+0.5*c1${left}|c1=${HALF_POWER}*c0-0.5*c1${right}`,
    isLoud: true,
    note: 'The sound of the file is ambisonic, that is, from all directions; it was made stereo as heard from the front.',
  };
}
