import type { ColourSample, Expectation, PictureExpectation, SoundExpectation } from './definition.ts';
import type { Output } from './measure/outputs.ts';
import type { Played } from './measure/play.ts';
import type { PlayedPicture } from './measure/played-picture.ts';
import type { PlayedSound } from './measure/played-sound.ts';

/** Seconds by which what is played may differ from what is said. */
const DURATION_TOLERANCE = 0.1;
/** Seconds by which the flash and the beep may be seen and heard too early or too late. */
const EVENT_TOLERANCE = 0.05;
/** Seconds after 0 at which the first picture may be shown. */
const START_TOLERANCE = 0.001;
/**
 * Seconds by which sound may begin or end before or after the picture: a frame of AAC, and what players and playlists
 * round.
 */
const SOUND_TOLERANCE = 0.025;
/** Seconds between the flash and the beep where both are expected at one time. */
const SYNC_TOLERANCE = 0.02;
/** RMS in dBFS below which a sound counts as silence. */
const SILENCE_DB = -70;

/** Collects differences as sentences, so that one run of a case shows all of them. */
class Differences {
  readonly found: string[] = [];

  same(what: string, actual: unknown, expected: unknown): void {
    if (actual !== expected) this.found.push(`${what} is ${actual}, not ${expected}`);
  }

  near(
    what: string,
    actual: number | null,
    { expected, within }: { expected: number; within: number },
  ): void {
    const isNear = actual !== null && Math.abs(actual - expected) <= within;
    if (!isNear)
      this.found.push(`${what} is ${rounded(actual)}, not ${rounded(expected)} ± ${rounded(within)}`);
  }
}

function rounded(value: number | null): string {
  return value === null ? 'nothing' : String(Math.round(value * 1000) / 1000);
}

/** Returns what the service says of a media that differs from what is expected. */
export function differencesOfFacts(
  { seconds, notes = [] }: Expectation,
  facts: { readonly durationSeconds: number; readonly notes: readonly string[] },
): string[] {
  const differences = new Differences();
  differences.near('the duration of the API', facts.durationSeconds, {
    expected: seconds,
    within: DURATION_TOLERANCE,
  });
  const matches =
    facts.notes.length === notes.length && notes.every((note, index) => note.test(facts.notes[index] ?? ''));
  if (!matches)
    differences.found.push(`the notes are ${JSON.stringify(facts.notes)}, not ${notes.join(' ') || 'none'}`);
  return differences.found;
}

/** Returns what of an output differs from what a viewer must get. */
export function differencesOfOutput(expected: Expectation, output: Output, played: Played): string[] {
  const { seconds } = expected;
  const within = DURATION_TOLERANCE;
  const differences = new Differences();
  differences.same('the decoder’s message', played.messages.trim(), '');
  for (const { listedSeconds } of output.streams) {
    if (listedSeconds !== null)
      differences.near('the sum of the segments', listedSeconds, { expected: seconds, within });
  }
  if (output.presentationSeconds !== null) {
    differences.near('the duration of the manifest', output.presentationSeconds, {
      expected: seconds,
      within,
    });
  }
  differences.same('a picture', played.picture !== null, expected.picture !== undefined);
  differences.same('a sound', played.sound !== null, expected.sound !== undefined);
  if (played.picture && expected.picture) {
    comparePicture(differences, played.picture, { ...expected.picture, seconds });
  }
  if (played.sound && expected.sound) compareSound(differences, played.sound, { ...expected.sound, seconds });
  compareSync(differences, played, expected);
  compareEnds(differences, played);
  return differences.found.map((difference) => `${output.name}: ${difference}`);
}

function comparePicture(
  differences: Differences,
  picture: PlayedPicture,
  expected: PictureExpectation & { readonly seconds: number },
): void {
  const { size, codec = 'h264', rate, count, changes, colours = [], flash, seconds } = expected;
  differences.same('the codec of the picture', picture.stream.codec_name, codec);
  differences.same('the shape of pixels', picture.stream.sample_aspect_ratio ?? '1:1', '1:1');
  differences.same('the pixel format', picture.stream.pix_fmt, 'yuv420p');
  const { color_space: matrix, color_primaries: primaries, color_transfer, color_range } = picture.stream;
  const tags = [matrix, primaries, color_transfer, color_range].join(' ');
  differences.same('the tags of colours', tags, 'bt709 bt709 bt709 tv');
  differences.same('the number of decoded pictures', picture.count, picture.stream.times.length);
  differences.near('the start of the picture', picture.start, { expected: 0, within: START_TOLERANCE });
  differences.near('the end of the picture', picture.end, { expected: seconds, within: DURATION_TOLERANCE });
  if (size !== undefined) differences.same('the size', `${picture.width}x${picture.height}`, size);
  if (count !== undefined) differences.same('the number of pictures', picture.count, count);
  if (changes !== undefined) differences.same('the number of changes', picture.changes, changes);
  if (rate !== undefined) {
    const measured = picture.count / (picture.end - picture.start);
    differences.near('the rate', measured, { expected: rate, within: rate / 100 });
  }
  if (flash !== undefined) {
    differences.near('the time of the flash', picture.flash, { expected: flash, within: EVENT_TOLERANCE });
  }
  compareColours(differences, colours, (sample) => picture.colourAt(sample.at, sample.time ?? 0.5));
}

/** Compares colours at some places of a picture. */
export function compareColours(
  differences: Pick<Differences, 'found'>,
  samples: readonly ColourSample[],
  colourOf: (sample: ColourSample) => readonly number[],
): void {
  for (const sample of samples) {
    const { is, within = 12, at } = sample;
    const colour = colourOf(sample);
    const isNear = is.every((value, index) => Math.abs(value - (colour[index] ?? Number.NaN)) <= within);
    if (!isNear) differences.found.push(`the colour at ${at} is ${colour}, not ${is} ± ${within}`);
  }
}

function compareSound(
  differences: Differences,
  sound: PlayedSound,
  expected: SoundExpectation & { readonly seconds: number },
): void {
  const { levels = [], beep, sampleRate, seconds } = expected;
  differences.same('the codec of the sound', sound.stream.codec_name, 'aac');
  differences.same('the number of channels', sound.channels, 2);
  if (sampleRate !== undefined) differences.same('the sample rate', sound.rate, sampleRate);
  differences.near('the start of the sound', sound.start, { expected: 0, within: SOUND_TOLERANCE });
  differences.near('the end of the sound', sound.end, { expected: seconds, within: DURATION_TOLERANCE });
  if (beep !== undefined) {
    differences.near('the time of the beep', sound.beep, { expected: beep, within: EVENT_TOLERANCE });
  }
  for (const { from, to, dB, within = 1.5 } of levels) {
    for (const [channel, level] of dB.entries()) {
      const what = `the level of channel ${channel} from ${from} to ${to}`;
      const measured = sound.level(channel, from, to);
      if (level === Number.NEGATIVE_INFINITY) {
        differences.same(`silence: ${what} (${rounded(measured)} dB)`, measured < SILENCE_DB, true);
      } else differences.near(what, measured, { expected: level, within });
    }
  }
}

function compareSync(differences: Differences, { picture, sound }: Played, expected: Expectation): void {
  const [flash, beep] = [expected.picture?.flash, expected.sound?.beep];
  if (flash === undefined || flash !== beep || picture?.flash == null || sound?.beep == null) return;
  const late = sound.beep - picture.flash;
  differences.near('the sound after the picture', late, { expected: 0, within: SYNC_TOLERANCE });
}

/** Compares the ends of picture and sound with each other, because both are encoded up to one end. */
function compareEnds(differences: Differences, { picture, sound }: Played): void {
  if (!picture || !sound) return;
  const late = sound.end - picture.end;
  differences.near('the end of the sound after that of the picture', late, {
    expected: 0,
    within: SOUND_TOLERANCE,
  });
}
