/** Entry of a finished quality in a master playlist. */
export interface Variant {
  /** URI of the quality's playlist, relative to the master playlist. */
  readonly uri: string;
  /** Complete `#EXT-X-STREAM-INF:` line. */
  readonly streamInf: string;
}

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
export function streamInfOf({ peak, average, codecs, picture }: StreamFacts): string {
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
    ...ordered.flatMap(({ streamInf, uri }) => [streamInf, uri]),
    '',
  ].join('\n');
}

function pixels({ streamInf }: Variant): number {
  const resolution = /RESOLUTION=(\d+)x(\d+)/.exec(streamInf);
  return resolution ? Number(resolution[1]) * Number(resolution[2]) : 0;
}

function attribute({ streamInf }: Variant, name: string): number {
  return Number(new RegExp(`[:,]${name}=(\\d+)`).exec(streamInf)?.[1] ?? 0);
}
