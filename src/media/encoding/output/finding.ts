import type { Rendition } from '../plan/rendition.ts';
import type { CodedTrack } from './init-segment.ts';

export type TrackKind = CodedTrack['kind'];

/**
 * State of the files that ffmpeg left. `unfinished`: ffmpeg did not end its playlist. `empty`: nothing came of
 * some tracks that were to be encoded, for example because nothing of a stream could be decoded.
 */
export type Finding =
  | { readonly kind: 'complete' }
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'empty'; readonly missing: readonly TrackKind[] };

/** Returns the tracks of a rendition of which nothing is there. */
export function missingOf({ video, audio }: Rendition, found: readonly TrackKind[]): TrackKind[] {
  const wanted: TrackKind[] = [
    ...(video ? (['video'] as const) : []),
    ...(audio ? (['audio'] as const) : []),
  ];
  return wanted.filter((kind) => !found.includes(kind));
}
