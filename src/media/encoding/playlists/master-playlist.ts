/** One finished quality in a master playlist. */
export interface Variant {
  /** The URI of its playlist, relative to the master. */
  readonly uri: string;
  /** The whole `#EXT-X-STREAM-INF:` line. */
  readonly streamInf: string;
}

const STREAM_INF = /^#EXT-X-STREAM-INF:.*$/m;

/** ffmpeg's own `#EXT-X-STREAM-INF` line, in which it has put the codecs; null when there is none. */
export function streamInfIn(playlist: string): string | null {
  return STREAM_INF.exec(playlist)?.[0] ?? null;
}

/**
 * ffmpeg's line with bandwidths that were measured (it writes the configured ones, which a constant quality stays
 * far below) and, for video, the frame rate, which it leaves out.
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

/** The playlist that players open: best quality first, as Apple's players begin with the first. */
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

/** Commas within quotes do not separate: `CODECS="avc1.64001f,mp4a.40.2"`. */
function attributesOf(streamInf: string): [name: string, value: string][] {
  return [...streamInf.matchAll(/([A-Z-]+)=("[^"]*"|[^,]*)/g)].map((match) => [
    match[1] ?? '',
    match[2] ?? '',
  ]);
}
