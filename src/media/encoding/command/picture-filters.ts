import type { VideoRendition } from '../plan/rendition.ts';

/** Returns ffmpeg's filters for the picture of a quality, from the decoder to the encoder. */
export function pictureFilters({ deinterlace, width, height }: VideoRendition): string {
  const filters = [
    ...(deinterlace ? ['yadif'] : []),
    `scale=${width}:${height}:flags=bicubic`,
    'setsar=1',
    'format=yuv420p',
  ];
  return filters.join(',');
}
