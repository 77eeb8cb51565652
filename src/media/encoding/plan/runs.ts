import type { Quality } from '../../../domain/media.ts';
import type { Rendition } from './rendition.ts';

/** Quality, and how it is encoded. */
export interface PlannedQuality<Q = Quality> {
  readonly quality: Q;
  readonly rendition: Rendition;
}

/**
 * Maximum number of pixels of all pictures that one run of ffmpeg encodes, if it encodes more than one: two of 4K.
 * Each encoder holds some dozens of pictures, and the memory of a run is limited.
 */
const MAX_PIXELS = 2 * 3840 * 2160;
/** Maximum number of qualities of one run. Each has threads and open files. */
const MAX_QUALITIES = 8;

/**
 * Returns which qualities are encoded in one run of ffmpeg, and the order of the runs. Qualities of one codec are encoded
 * together, because the file is then decoded once. If nothing of the media can be played yet (`isFirst`), the
 * smallest quality has the first run for itself: qualities of one run end together, and a viewer should not wait for
 * all of them. Sound alone is quickly decoded, so that its qualities have runs of their own. If no two qualities share a
 * run, the order is that of `planned`.
 */
export function planRuns<Q>(planned: readonly PlannedQuality<Q>[], isFirst: boolean): Q[][] {
  const ordered = planned.toSorted((a, b) => workOf(a.rendition) - workOf(b.rendition));
  const [smallest, ...larger] = isFirst ? ordered : [undefined, ...ordered];
  const runs: PlannedQuality<Q>[][] = smallest ? [[smallest]] : [];
  for (const same of Map.groupBy(larger.filter(isPresent), codecOf).values()) {
    runs.push(...runsOf(same));
  }
  // Where nothing is shared, nothing is gained by another order than that of the request.
  const isAnyShared = runs.some((run) => run.length > 1);
  return (isAnyShared ? runs : planned.map((one) => [one])).map((run) => run.map(({ quality }) => quality));
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** Fills runs with qualities in their order. */
function runsOf<Q>(same: readonly PlannedQuality<Q>[]): PlannedQuality<Q>[][] {
  const runs: PlannedQuality<Q>[][] = [];
  let pixels = 0;
  for (const one of same) {
    const added = pixelsOf(one.rendition);
    const run = runs.at(-1);
    const fits = run && added > 0 && run.length < MAX_QUALITIES && pixels + added <= MAX_PIXELS;
    if (fits) run.push(one);
    else runs.push([one]);
    pixels = fits ? pixels + added : added;
  }
  return runs;
}

function codecOf({ rendition }: PlannedQuality<unknown>): string {
  return rendition.video?.codec ?? 'sound';
}

function pixelsOf({ video }: Rendition): number {
  return video ? video.width * video.height : 0;
}

/** H.265 takes several times as long as H.264. */
const WORK = { h264: 1, h265: 4 } as const;

function workOf(rendition: Rendition): number {
  return pixelsOf(rendition) * (rendition.video ? WORK[rendition.video.codec] : 0);
}
