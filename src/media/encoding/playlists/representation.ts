/** One track of a quality, as a DASH manifest lists it (ISO/IEC 23009-1 §5.3.5). */
export interface Representation {
  /** Identifier, which is unique in its manifest. */
  readonly id: string;
  readonly contentType: 'video' | 'audio';
  /** Codec string (RFC 6381). */
  readonly codecs: string;
  /** Bits per second. */
  readonly bandwidth: number;
  /** `null`: the track is sound. */
  readonly picture: Picture | null;
  /** `null`: the track is a picture. */
  readonly sound: Sound | null;
  /** Language of the sound as a tag of BCP 47; `null`: not known. */
  readonly language: string | null;
  /** Directory of the files, relative to the manifest; empty: the directory of the manifest. */
  readonly baseUrl: string;
  readonly template: SegmentTemplate;
}

export interface Picture {
  /** Pixels, which are square. */
  readonly width: number;
  readonly height: number;
  /** Frames per second, as a fraction such as `30000/1001`; `null`: not known. */
  readonly frameRate: string | null;
}

export interface Sound {
  /** Hertz; `null`: not known. */
  readonly sampleRate: number | null;
  /** Number of channels; `null`: not known. */
  readonly channels: number | null;
}

/** Names and times of the files of a track (ISO/IEC 23009-1 §5.3.9.4 and §5.3.9.6). */
export interface SegmentTemplate {
  /** Units of `times` in a second. */
  readonly timescale: number;
  readonly initialization: string;
  readonly media: string;
  readonly startNumber: number;
  readonly presentationTimeOffset: number;
  readonly times: readonly SegmentTime[];
}

/** Beginning and duration of a segment, in units of the timescale. */
export interface SegmentTime {
  readonly start: number;
  readonly duration: number;
}

/** Returns the path of a segment, counted from 0, relative to the directory of the quality. */
export function segmentFile(
  { id, template }: Pick<Representation, 'id' | 'template'>,
  index: number,
): string {
  return fillIn(template.media, id, template.startNumber + index);
}

/** Returns the path of the init segment, relative to the directory of the quality. */
export function initFile({ id, template }: Pick<Representation, 'id' | 'template'>): string {
  return fillIn(template.initialization, id, template.startNumber);
}

/** Replaces the identifiers of a template, such as `$Number%05d$` (ISO/IEC 23009-1 §5.3.9.4.4). */
function fillIn(template: string, id: string, number: number): string {
  return template
    .replaceAll('$RepresentationID$', id)
    .replaceAll(/\$Number(?:%0(\d+)d)?\$/g, (_, width = '1') => String(number).padStart(Number(width), '0'));
}

/** Returns when the last segment ends, in seconds from the beginning of the presentation. */
export function endOf({ template }: Pick<Representation, 'template'>): number {
  const { times, timescale, presentationTimeOffset } = template;
  const last = times.at(-1);
  return last ? (last.start + last.duration - presentationTimeOffset) / timescale : 0;
}

/** Returns the duration of the longest segment in seconds. */
export function longestSegment({ template }: Pick<Representation, 'template'>): number {
  return template.times.reduce((most, { duration }) => Math.max(most, duration), 0) / template.timescale;
}
