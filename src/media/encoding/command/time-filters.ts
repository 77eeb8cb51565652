import type { VideoRendition } from '../plan/rendition.ts';
import type { Timeline } from '../plan/timeline.ts';

/**
 * Returns ffmpeg's filters that give the pictures their times: from 0 to the end of the media at the encoded
 * frame rate, with the last picture held. The option `-fps_mode cfr` holds the first picture. The filter `fps`
 * could do it, but ffmpeg makes all filters again if the size of the picture changes, and they would begin at 0
 * again.
 */
export function pictureTimeFilters({ frameRate }: VideoRendition, timeline: Timeline): string[] {
  return [
    `setpts=${fromBeginning(timeline)}`,
    ...withoutStrays('select', timeline),
    // Without `eof_action`, nothing would come of pictures that last less than half a picture together.
    `fps=${rationalOf(frameRate)}:eof_action=pass`,
    'tpad=stop_mode=clone:stop=-1',
    `trim=end=${secondsText(timeline.durationSeconds)}`,
  ];
}

/** Returns the expression of the filters `setpts` and `asetpts` with which the media begins at 0. */
export function fromBeginning({ beginsAt }: Timeline): string {
  return `PTS-(${secondsText(beginsAt)})/TB`;
}

/**
 * Returns the filter that leaves out what is shown or heard after the end of the media. Otherwise the picture before a wrong
 * time would be held until that time, and all that follows it would be lost.
 */
export function withoutStrays(filter: 'select' | 'aselect', timeline: Timeline): string[] {
  if (!timeline.hasStrays) return [];
  return [`${filter}='lt(t,${secondsText(timeline.durationSeconds + STRAY_MARGIN)})'`];
}

/** Seconds after the end at which nothing is far enough from the rest to be wrong. */
const STRAY_MARGIN = 1;

/** Formats seconds for ffmpeg, which counts microseconds. */
export function secondsText(seconds: number): string {
  return String(Number(seconds.toFixed(6)));
}

/**
 * Formats a frame rate as ffmpeg's filters and options take it. The rates of NTSC are fractions of 1001: a
 * rounded number would drift away from the times of the pictures.
 */
export function rationalOf(frameRate: number): string {
  if (Number.isInteger(frameRate)) return String(frameRate);
  const ntsc = (frameRate * 1001) / 1000;
  if (Math.abs(ntsc - Math.round(ntsc)) < 1e-4) return `${Math.round(ntsc) * 1000}/1001`;
  return `${Math.round(frameRate * 1000)}/1000`;
}
