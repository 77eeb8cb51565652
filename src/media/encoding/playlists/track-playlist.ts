import { initFile, longestSegment, type Representation, segmentFile } from './representation.ts';

/** Returns an HLS media playlist of the segments of a DASH track, which are in `folder`. */
export function trackPlaylist(track: Pick<Representation, 'id' | 'template'>, folder: string): string {
  const { timescale, times } = track.template;
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.ceil(longestSegment(track))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-MAP:URI="${folder}/${initFile(track)}"`,
    ...times.flatMap(({ duration }, index) => [
      `#EXTINF:${(duration / timescale).toFixed(6)},`,
      `${folder}/${segmentFile(track, index)}`,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/**
 * Returns an HLS master playlist of the tracks of one DASH quality. Both tracks have one playlist, because ffmpeg would
 * move two inputs to a common beginning, although the first samples of an AAC encoder belong before the picture.
 */
export function tracksPlaylist(
  tracks: readonly {
    readonly track: Pick<Representation, 'contentType' | 'bandwidth'>;
    readonly uri: string;
  }[],
): string {
  const video = tracks.find(({ track }) => track.contentType === 'video');
  const audio = tracks.find(({ track }) => track.contentType === 'audio');
  const main = video ?? audio;
  const group = video && audio ? ',AUDIO="sound"' : '';
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    ...(video && audio ? [`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",URI="${audio.uri}"`] : []),
    `#EXT-X-STREAM-INF:BANDWIDTH=${main?.track.bandwidth ?? 0}${group}`,
    main?.uri ?? '',
    '',
  ].join('\n');
}
