/** One segment of a media playlist. */
export interface PlaylistSegment {
  /** Seconds. */
  readonly duration: number;
  /** Its file, relative to the playlist. */
  readonly uri: string;
}

/** The segments of an HLS media playlist, as ffmpeg writes it. */
export function segmentsIn(playlist: string): PlaylistSegment[] {
  return [...playlist.matchAll(/^#EXTINF:([\d.]+),.*\n(?:#.*\n)*(.+)$/gm)].map((match) => ({
    duration: Number(match[1]),
    uri: match[2] ?? '',
  }));
}

/**
 * Bits per second, as RFC 8216 §4.3.4.2 defines them. A last segment of less than half the others' length is not
 * a peak, however dense.
 */
export function bandwidthOf(segments: readonly { readonly duration: number; readonly bytes: number }[]): {
  peak: number;
  average: number;
} {
  const longest = Math.max(...segments.map((segment) => segment.duration));
  const counted = segments.filter((segment) => segment.duration > 0 && segment.duration >= longest / 2);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const seconds = segments.reduce((sum, segment) => sum + segment.duration, 0);
  return {
    peak: Math.ceil(Math.max(0, ...counted.map((segment) => (segment.bytes * 8) / segment.duration))),
    average: seconds > 0 ? Math.ceil((bytes * 8) / seconds) : 0,
  };
}
