/** Segment that an HLS media playlist lists. */
export interface PlaylistSegment {
  /** Seconds. */
  readonly duration: number;
  /** Path of the segment's file, relative to the playlist. */
  readonly uri: string;
}

/** HLS media playlist of one quality. */
export interface SegmentPlaylist {
  /** Path of the init segment; `null`: the segments need none. */
  readonly init: string | null;
  readonly segments: readonly PlaylistSegment[];
}

/** Parses an HLS media playlist that ffmpeg wrote; `null`: the playlist has no end, so ffmpeg did not finish it. */
export function readSegmentPlaylist(playlist: string): SegmentPlaylist | null {
  if (!playlist.trimEnd().endsWith('#EXT-X-ENDLIST')) return null;
  const segments = [...playlist.matchAll(/^#EXTINF:([\d.]+),.*\n(?:#.*\n)*(.+)$/gm)].map((match) => ({
    duration: Number(match[1]),
    uri: match[2] ?? '',
  }));
  return { init: /^#EXT-X-MAP:URI="([^"]+)"/m.exec(playlist)?.[1] ?? null, segments };
}

/**
 * Returns the target duration of segments in seconds: no segment's duration, rounded to a whole number, is longer
 * (RFC 8216 §4.3.3.1). It is at least 1, because players divide by it and reload by it.
 */
export function targetDurationOf(segments: readonly PlaylistSegment[]): number {
  return segments.reduce((longest, { duration }) => Math.max(longest, Math.round(duration)), 1);
}

/**
 * Versions of the protocol (RFC 8216 §7): durations with fractions need 3, and an init segment needs 6. A player
 * that knows only older versions must not play the playlist, so that the version is never higher than needed.
 */
const VERSION_OF_FRACTIONS = 3;
const VERSION_OF_INIT_SEGMENTS = 6;

/**
 * Returns the text of an HLS media playlist whose segments all begin with a key frame. `targetDuration` is given if
 * another playlist belongs to it, because both must have the same one (RFC 8216 §6.2.4).
 */
export function segmentPlaylist({
  init,
  segments,
  targetDuration = targetDurationOf(segments),
}: SegmentPlaylist & { readonly targetDuration?: number }): string {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${init === null ? VERSION_OF_FRACTIONS : VERSION_OF_INIT_SEGMENTS}`,
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(init === null ? [] : [`#EXT-X-MAP:URI="${init}"`]),
    ...segments.flatMap(({ duration, uri }) => [`#EXTINF:${duration.toFixed(6)},`, uri]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}
