import {
  DEFAULT_QUALITIES,
  DEFAULT_SEGMENT_DURATION,
  type MediaType,
  requestOf,
} from '../../domain/media.ts';
import { pictureFilters } from '../encoding/command/picture-filters.ts';
import { soundFilters } from '../encoding/command/sound-filters.ts';
import { planRendition } from '../encoding/plan/plan-rendition.ts';
import type { Rendition } from '../encoding/plan/rendition.ts';
import type { Probe } from '../encoding/source/probe-report.ts';
import { secondsOf, tableLines } from './table.ts';

/** Returns the requests for the qualities that a media of a type gets by default. */
export function defaultRequests(type: MediaType) {
  return DEFAULT_QUALITIES[type].map(requestOf);
}

/** Returns lines that say how each default quality of a file is encoded. */
export function planLines(probe: Probe, type: MediaType): string[] {
  const plans = defaultRequests(type).map((request) => ({
    name: request.resolution,
    rendition: planRendition(request, probe, type, DEFAULT_SEGMENT_DURATION),
  }));
  return [
    ...tableLines([
      ['quality', 'picture', 'sound', 'lasts', 'segments'],
      ...plans.map(({ name, rendition }) => [name, ...cellsOf(rendition)]),
    ]),
    ...filterLines(plans.map(({ name, rendition }) => [name, filtersOf(rendition)])),
  ];
}

function cellsOf({ video, audio, timeline, segmentSeconds, segmentFormat }: Rendition): string[] {
  const kilobits = (bitsPerSecond: number) => `${Math.round(bitsPerSecond / 1000)} kbit/s`;
  return [
    video
      ? `${video.width}×${video.height} ${video.codec}, ${Number(video.frameRate.toFixed(3))}/s, ${video.bitrate.kind} ${kilobits(video.bitrate.bitsPerSecond)}`
      : 'none',
    audio ? `${audio.sampleRate} Hz, ${kilobits(audio.bitrate)}` : 'none',
    secondsOf(timeline.durationSeconds),
    `${segmentSeconds} s in ${segmentFormat}`,
  ];
}

/** Returns the filters of a rendition, by what they filter. */
function filtersOf({ video, audio, timeline }: Rendition): string[] {
  return [
    ...(video ? [`picture: ${pictureFilters(video, timeline)}`] : []),
    ...(audio ? [`sound: ${soundFilters(audio, timeline)}`] : []),
  ];
}

/** Returns a line for each different chain of filters, with the names of the qualities that have it. */
function filterLines(plans: readonly (readonly [name: string, filters: readonly string[]])[]): string[] {
  const all = plans.flatMap(([name, filters]) => filters.map((filter) => ({ name, filter })));
  return [...Map.groupBy(all, ({ filter }) => filter)].map(
    ([filter, same]) => `  filters (${same.map(({ name }) => name).join(', ')}) of the ${filter}`,
  );
}
