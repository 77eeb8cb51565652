import { endOf, longestSegment, type Representation, type SegmentTemplate } from './representation.ts';

/** Finished quality, and the directory of its segments. */
export interface DashQuality {
  /**
   * Path of the quality's directory, relative to the common manifest. The path is also the name of the
   * quality.
   */
  readonly name: string;
  readonly representations: readonly Representation[];
}

/**
 * Number of the longest segments for which a player loads before it plays. With two, a player has a segment to
 * play while the next one arrives.
 */
const SEGMENTS_IN_BUFFER = 2;

/**
 * Seconds that a presentation is stated to be longer than its last sample. dash.js would otherwise never say that it
 * has ended, because browsers cut the times of samples to microseconds, and it waits for the last one.
 */
const END_MARGIN = 1e-4;

/** Scheme of `AudioChannelConfiguration` that counts channels (ISO/IEC 23009-1 §5.8.5.4). */
const CHANNEL_SCHEME = 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011';

/** Returns the seconds for which a player of these representations loads before it plays. */
export function minBufferTimeOf(representations: readonly Representation[]): number {
  return SEGMENTS_IN_BUFFER * Math.max(0, ...representations.map(longestSegment));
}

/**
 * Returns one manifest (ISO/IEC 23009-1) that lists all qualities. The manifest refers to the existing
 * segments of the qualities. A quality can therefore be played as soon as it is finished, and no segment is
 * stored twice.
 */
export function dashManifest(qualities: readonly DashQuality[]): string {
  return manifestOf(qualities.flatMap(relocated));
}

/**
 * Returns the representations of a quality for the common manifest, which is one directory higher: their files are
 * in the directory of the quality, and they have ids that no other quality has.
 */
function relocated({ name, representations }: DashQuality): Representation[] {
  return representations.map((of) => ({
    ...of,
    id: `${name}-${of.contentType}`,
    baseUrl: `${name}/`,
    template: {
      ...of.template,
      initialization: of.template.initialization.replaceAll('$RepresentationID$', of.id),
      media: of.template.media.replaceAll('$RepresentationID$', of.id),
    },
  }));
}

/** Returns a manifest of representations, best first, between which a player can switch within each set. */
export function manifestOf(all: readonly Representation[]): string {
  const video = all.filter(({ contentType }) => contentType === 'video');
  const audio = distinctBandwidths(all.filter(({ contentType }) => contentType === 'audio'));
  const listed = [...video, ...audio];
  const sets = [...Map.groupBy(listed, familyOf).values()];
  const longest = Math.max(0, ...listed.map(longestSegment));
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"' +
      ` mediaPresentationDuration="${durationText(Math.max(0, ...listed.map(endOf)) + END_MARGIN)}"` +
      ` maxSegmentDuration="${durationText(longest)}"` +
      ` minBufferTime="${durationText(minBufferTimeOf(listed))}">`,
    '<Period id="0" start="PT0S">',
    ...sets.map(adaptationSet),
    '</Period>',
    '</MPD>',
    '',
  ].join('\n');
}

/**
 * Returns only one audio representation for each bandwidth, because two qualities whose sound has the same
 * bandwidth have the same sound.
 */
function distinctBandwidths(audio: readonly Representation[]): Representation[] {
  return [...Map.groupBy(audio, ({ bandwidth }) => bandwidth).values()].flatMap((same) => same.slice(0, 1));
}

/** Returns the group of representations between which a player can switch. H.264 and H.265 are two groups, and so are two languages. */
function familyOf({ contentType, codecs, language }: Representation): string {
  return `${contentType} ${codecs.split('.')[0]} ${language}`;
}

function adaptationSet(set: readonly Representation[], id: number): string {
  const ordered = set.toSorted((a, b) => b.bandwidth - a.bandwidth);
  const contentType = set[0]?.contentType ?? 'video';
  const ratio = commonAspectRatio(set);
  const attributes = [
    ...[`id="${id}"`, `contentType="${contentType}"`, `mimeType="${contentType}/mp4"`],
    ...['segmentAlignment="true"', 'startWithSAP="1"'],
    ...(set[0]?.language ? [`lang="${set[0].language}"`] : []),
    ...(ratio === null ? [] : [`par="${ratio}"`]),
  ];
  return [`<AdaptationSet ${attributes.join(' ')}>`, ...ordered.map(representation), '</AdaptationSet>'].join(
    '\n',
  );
}

/**
 * Returns the ratio of the displayed width to the height, as `16:9`; `null`: the pictures have different ratios,
 * because each size is rounded to even numbers. The ratio must be exactly that of every picture (ISO/IEC 23009-1
 * §5.3.3.2, `par`).
 */
function commonAspectRatio(set: readonly Representation[]): string | null {
  const ratios = new Set(
    set.map(({ picture }) => {
      if (picture === null) return null;
      const divisor = greatestCommonDivisor(picture.width, picture.height);
      return `${picture.width / divisor}:${picture.height / divisor}`;
    }),
  );
  return ratios.size === 1 ? ([...ratios][0] ?? null) : null;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.max(1, a) : greatestCommonDivisor(b, a % b);
}

function representation({
  id,
  codecs,
  bandwidth,
  picture,
  sound,
  baseUrl,
  template,
}: Representation): string {
  const attributes = [
    ...[`id="${id}"`, `codecs="${codecs}"`, `bandwidth="${bandwidth}"`],
    ...(picture ? [`width="${picture.width}"`, `height="${picture.height}"`, 'sar="1:1"'] : []),
    ...(picture?.frameRate ? [`frameRate="${picture.frameRate}"`] : []),
    ...(sound?.sampleRate ? [`audioSamplingRate="${sound.sampleRate}"`] : []),
  ];
  return [
    `<Representation ${attributes.join(' ')}>`,
    ...(sound?.channels
      ? [`<AudioChannelConfiguration schemeIdUri="${CHANNEL_SCHEME}" value="${sound.channels}"/>`]
      : []),
    ...(baseUrl === '' ? [] : [`<BaseURL>${baseUrl}</BaseURL>`]),
    ...segmentTemplate(template),
    '</Representation>',
  ].join('\n');
}

function segmentTemplate(template: SegmentTemplate): string[] {
  const { timescale, initialization, media, startNumber, presentationTimeOffset } = template;
  const attributes = [
    ...[`timescale="${timescale}"`, `initialization="${initialization}"`, `media="${media}"`],
    `startNumber="${startNumber}"`,
    ...(presentationTimeOffset > 0 ? [`presentationTimeOffset="${presentationTimeOffset}"`] : []),
  ];
  return [
    `<SegmentTemplate ${attributes.join(' ')}>`,
    '<SegmentTimeline>',
    ...timeline(template),
    '</SegmentTimeline>',
    '</SegmentTemplate>',
  ];
}

/** Returns one element for each run of segments of the same duration without a gap. */
function timeline({ times }: SegmentTemplate): string[] {
  const runs: { start: number; duration: number; repeats: number }[] = [];
  for (const { start, duration } of times) {
    const run = runs.at(-1);
    const isNext = run?.duration === duration && run.start + (run.repeats + 1) * duration === start;
    if (run && isNext) run.repeats += 1;
    else runs.push({ start, duration, repeats: 0 });
  }
  return runs.map(
    ({ start, duration, repeats }) =>
      `<S t="${start}" d="${duration}"${repeats > 0 ? ` r="${repeats}"` : ''}/>`,
  );
}

/** Returns a duration as ISO 8601 writes it, to a tenth of a millisecond, and never shorter. */
function durationText(seconds: number): string {
  // The tolerance absorbs the error of the division by the timescale.
  return `PT${Math.ceil(seconds * 1e4 - 1e-5) / 1e4}S`;
}
