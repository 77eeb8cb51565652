/** Entry of a finished quality in a master playlist. */
export interface Variant {
  /** URI of the quality's playlist, relative to the master playlist. */
  readonly uri: string;
  /** Complete `#EXT-X-STREAM-INF:` line. */
  readonly streamInf: string;
  /** Playlist of the sound, and the group in which `streamInf` names it. `null` or left out: the sound is in the segments. */
  readonly sound?: { readonly group: string; readonly uri: string } | null;
}

/** Group of the sound of one quality alone. */
export const SOUND_GROUP = 'sound';

/** Facts about a quality that its entry in a master playlist states. */
export interface StreamFacts {
  /** Bits per second. */
  readonly peak: number;
  /** Bits per second. */
  readonly average: number;
  /** Codec strings of all tracks. */
  readonly codecs: readonly string[];
  /** `null`: the quality is sound alone. */
  readonly picture: { readonly width: number; readonly height: number; readonly frameRate: number } | null;
  /** Group of the sound, if it has a playlist of its own. */
  readonly soundGroup?: string;
}

const STREAM_INF = /^#EXT-X-STREAM-INF:.*$/m;

/** Returns the `#EXT-X-STREAM-INF` line of a master playlist of one quality; `null`: it has no such line. */
export function streamInfIn(playlist: string): string | null {
  return STREAM_INF.exec(playlist)?.[0] ?? null;
}

/**
 * Returns the `#EXT-X-STREAM-INF` line of a quality (RFC 8216 §4.3.4.2). Every picture is of the standard dynamic
 * range, which is said because a player that knows other ranges treats a variant without a range with caution.
 */
export function streamInfOf({ peak, average, codecs, picture, soundGroup }: StreamFacts): string {
  const attributes = [
    `BANDWIDTH=${peak}`,
    `AVERAGE-BANDWIDTH=${average}`,
    `CODECS="${codecs.join(',')}"`,
    ...(picture === null
      ? []
      : [
          `RESOLUTION=${picture.width}x${picture.height}`,
          `FRAME-RATE=${picture.frameRate.toFixed(3)}`,
          'VIDEO-RANGE=SDR',
        ]),
    ...(soundGroup === undefined ? [] : [`AUDIO="${soundGroup}"`]),
  ];
  return `#EXT-X-STREAM-INF:${attributes.join(',')}`;
}

/**
 * Returns the HLS master playlist. The best quality comes first, because Apple's players begin with the first
 * entry. It states no version, because it uses nothing that version 1 does not have.
 */
export function masterPlaylist(variants: readonly Variant[]): string {
  const ordered = variants.toSorted(
    (a, b) => pixels(b) - pixels(a) || attribute(b, 'BANDWIDTH') - attribute(a, 'BANDWIDTH'),
  );
  return [
    '#EXTM3U',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...ordered.flatMap(({ sound }) => (sound ? [mediaOf(sound)] : [])),
    ...ordered.flatMap(({ streamInf, uri }) => [streamInf, uri]),
    '',
  ].join('\n');
}

/** Returns the line of a playlist of sound (RFC 8216 §4.3.4.1). */
function mediaOf({ group, uri }: { readonly group: string; readonly uri: string }): string {
  const attributes = [`TYPE=AUDIO`, `GROUP-ID="${group}"`, 'NAME="sound"', 'DEFAULT=YES', 'AUTOSELECT=YES'];
  return `#EXT-X-MEDIA:${[...attributes, 'CHANNELS="2"', `URI="${uri}"`].join(',')}`;
}

/** Returns the line of a quality, with its group of sound under another name; `null`: its sound has no group. */
export function withSoundGroup(streamInf: string, group: string): string | null {
  const own = `AUDIO="${SOUND_GROUP}"`;
  return streamInf.includes(own) ? streamInf.replace(own, `AUDIO="${group}"`) : null;
}

function pixels({ streamInf }: Variant): number {
  const resolution = /RESOLUTION=(\d+)x(\d+)/.exec(streamInf);
  return resolution ? Number(resolution[1]) * Number(resolution[2]) : 0;
}

function attribute({ streamInf }: Variant, name: string): number {
  return Number(new RegExp(`[:,]${name}=(\\d+)`).exec(streamInf)?.[1] ?? 0);
}
