import type { VideoRendition } from '../plan/rendition.ts';
import type { Timeline } from '../plan/timeline.ts';
import { pictureTimeFilters } from './time-filters.ts';

/** Returns ffmpeg's filters for the picture of a quality, from the decoder to the encoder. */
export function pictureFilters(video: VideoRendition, timeline: Timeline): string {
  const { deinterlace, width, height } = video;
  const filters = [
    ...(deinterlace ? ['yadif'] : []),
    `scale=${width}:${height}:flags=bicubic`,
    'setsar=1',
    'format=yuv420p',
    ...pictureTimeFilters(video, timeline),
  ];
  return filters.join(',');
}
