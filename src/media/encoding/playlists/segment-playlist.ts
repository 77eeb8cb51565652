/** Segment that an HLS media playlist lists. */
export interface PlaylistSegment {
  /** Seconds. */
  readonly duration: number;
  /** Path of the segment's file, relative to the playlist. */
  readonly uri: string;
}

/** Parses the segments of an HLS media playlist that ffmpeg wrote. */
export function segmentsIn(playlist: string): PlaylistSegment[] {
  return [...playlist.matchAll(/^#EXTINF:([\d.]+),.*\n(?:#.*\n)*(.+)$/gm)].map((match) => ({
    duration: Number(match[1]),
    uri: match[2] ?? '',
  }));
}

/**
 * Returns the peak and the average bitrate of segments in bits per second, as RFC 8216 §4.3.4.2 defines them.
 * Segments shorter than half of the longest segment, such as the last one, never count for the peak.
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
