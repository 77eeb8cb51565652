/** Entry of a finished quality in a master playlist. */
export interface Variant {
  /** URI of the quality's playlist, relative to the master playlist. */
  readonly uri: string;
  /** Complete `#EXT-X-STREAM-INF:` line. */
  readonly streamInf: string;
}

const STREAM_INF = /^#EXT-X-STREAM-INF:.*$/m;

/** Returns ffmpeg's `#EXT-X-STREAM-INF` line, which names the codecs; `null`: the playlist has no such line. */
export function streamInfIn(playlist: string): string | null {
  return STREAM_INF.exec(playlist)?.[0] ?? null;
}

/**
 * Replaces the bandwidths in ffmpeg's `#EXT-X-STREAM-INF` line by the measured ones, and adds the frame rate
 * of video, which ffmpeg does not write. The bandwidths are replaced because ffmpeg writes the configured
 * ones. The actual bandwidths of an encode of constant quality are far lower.
 */
export function completeStreamInf(
  streamInf: string,
  measured: { readonly peak: number; readonly average: number; readonly frameRate: number | null },
): string {
  const kept = attributesOf(streamInf).filter(
    ([name]) => !['BANDWIDTH', 'AVERAGE-BANDWIDTH', 'FRAME-RATE'].includes(name),
  );
  const attributes = [
    ['BANDWIDTH', String(measured.peak)],
    ['AVERAGE-BANDWIDTH', String(measured.average)],
    ...kept,
    ...(measured.frameRate === null ? [] : [['FRAME-RATE', measured.frameRate.toFixed(3)]]),
  ];
  return `#EXT-X-STREAM-INF:${attributes.map((pair) => pair.join('=')).join(',')}`;
}

/**
 * Returns the HLS master playlist. The best quality comes first, because Apple's players begin with the first
 * entry.
 */
export function masterPlaylist(variants: readonly Variant[]): string {
  const ordered = variants.toSorted(
    (a, b) => pixels(b) - pixels(a) || attribute(b, 'BANDWIDTH') - attribute(a, 'BANDWIDTH'),
  );
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
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
  return Number(attributesOf(streamInf).find(([key]) => key === name)?.[1] ?? 0);
}

/**
 * Returns the attributes of an `#EXT-X-STREAM-INF` line. A comma within quotes does not separate attributes,
 * for example in `CODECS="avc1.64001f,mp4a.40.2"`.
 */
function attributesOf(streamInf: string): [name: string, value: string][] {
  return [...streamInf.matchAll(/([A-Z-]+)=("[^"]*"|[^,]*)/g)].map((match) => [
    match[1] ?? '',
    match[2] ?? '',
  ]);
}
