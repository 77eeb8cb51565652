import type { AudioRendition } from '../plan/rendition.ts';
import type { Timeline } from '../plan/timeline.ts';
import { fromBeginning, secondsText } from './time-filters.ts';

/**
 * Returns ffmpeg's filters for the sound of a quality, from the decoder to the encoder: stereo from 0 to the
 * end of the media, with silence where the file has no sound.
 */
export function soundFilters({ sampleRate }: AudioRendition, timeline: Timeline): string {
  return [
    `asetpts=${fromBeginning(timeline)}`,
    `aresample=${sampleRate}:async=1:first_pts=0`,
    'aformat=channel_layouts=stereo',
    'apad',
    `atrim=end=${secondsText(timeline.durationSeconds)}`,
  ].join(',');
}
