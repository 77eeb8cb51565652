import type { Quality, QualityRequest } from './media.ts';

/** Fields that decide how a quality is encoded, apart from its stream type and container. */
const ENCODED_BY = ['resolution', 'videoCodec', 'videoBitrate', 'audioCodec', 'audioBitrate'] as const;

/** Returns whether the encodes of two requested qualities are the same in fragmented MP4. */
function isSameEncode(a: QualityRequest, b: QualityRequest): boolean {
  return ENCODED_BY.every((field) => a[field] === b[field]);
}

/** Returns the DASH quality among `qualities` that is encoded as an HLS quality is; `undefined`: there is no such quality. */
function twinOf<Q extends QualityRequest>(hls: Q, qualities: readonly Q[]): Q | undefined {
  return qualities.find((other) => other.type === 'dash' && isSameEncode(hls, other));
}

/**
 * Returns whether each HLS quality is also requested in DASH. Only then they can share segments: a player must not
 * have to change between variants with and without a playlist of their own for the sound.
 */
export function areAllInBothFormats(qualities: readonly QualityRequest[]): boolean {
  const hls = qualities.filter(({ type }) => type === 'hls');
  return hls.length > 0 && hls.every((one) => twinOf(one, qualities) !== undefined);
}

/**
 * Returns for the position of each HLS quality the DASH quality whose segments it can use, unless that one failed. No
 * quality shares segments if one of the media is in transport streams, or is not requested in DASH.
 */
export function sharedSegments(qualities: readonly Quality[]): ReadonlyMap<number, Quality> {
  const hls = qualities.filter(({ type }) => type === 'hls');
  const isFree = hls.every(({ containerType }) => containerType !== 'mpegts');
  if (!isFree || !areAllInBothFormats(qualities)) return new Map();
  return new Map(
    hls.flatMap((one) => {
      const twin = twinOf(one, qualities);
      return twin && twin.status !== 'fail' ? [[one.position, twin] as const] : [];
    }),
  );
}
