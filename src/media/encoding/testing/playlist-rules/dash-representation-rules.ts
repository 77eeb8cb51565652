import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { averageRate, peakRate, playsWithoutStall, type Sized } from './measures.ts';
import { fragmentContents, type InitTrack, initTracks, type TrackContents } from './segment-contents.ts';
import { childrenOf, type Element } from './xml.ts';

/** Representation of a manifest, with what its segments hold. */
export interface ReadRepresentation {
  readonly id: string;
  readonly mimeType: string;
  /** Returns an attribute of the representation, or else of its adaptation set. */
  attribute(name: string): string | undefined;
  readonly channels: string | undefined;
  readonly init: readonly InitTrack[];
  readonly segments: readonly DashSegment[];
}

export interface DashSegment extends Sized {
  /** Seconds on the timeline of the presentation. */
  readonly start: number;
  readonly tracks: readonly TrackContents[];
}

const TOLERANCE = 0.0015;

/** Reads the files of a representation by its template and timeline (ISO/IEC 23009-1 §5.3.9). */
export async function readRepresentation(of: {
  readonly element: Element;
  readonly set: Element;
  readonly dir: string;
}): Promise<ReadRepresentation> {
  const { element, set } = of;
  const attribute = (name: string) => element.attributes.get(name) ?? set.attributes.get(name);
  const id = element.attributes.get('id') ?? '';
  const dir = join(of.dir, childrenOf(element, 'BaseURL')[0]?.text ?? '');
  const [template] = childrenOf(element, 'SegmentTemplate');
  const text = (name: string) => template?.attributes.get(name) ?? '';
  const fileOf = (pattern: string, number: number) =>
    pattern
      .replaceAll('$RepresentationID$', id)
      .replace(/\$Number(?:%0(\d+)d)?\$/, (_, width) => String(number).padStart(Number(width ?? 1), '0'));
  const init = initTracks(await readFile(join(dir, fileOf(text('initialization'), 0))));
  const timescale = Number(text('timescale') || 1);
  const offset = Number(text('presentationTimeOffset') || 0);

  const segments: DashSegment[] = [];
  let [time, number] = [0, Number(text('startNumber') || 1)];
  for (const s of template ? childrenOf(template, 'SegmentTimeline').flatMap((of) => of.children) : []) {
    time = Number(s.attributes.get('t') ?? time);
    const duration = Number(s.attributes.get('d'));
    for (let left = Number(s.attributes.get('r') ?? 0); left >= 0; left -= 1) {
      const file = join(dir, fileOf(text('media'), number));
      const bytes = existsSync(file) ? await readFile(file) : Buffer.alloc(0);
      const start = (time - offset) / timescale;
      const tracks = fragmentContents(bytes, init);
      segments.push({ start, duration: duration / timescale, bytes: bytes.length, tracks });
      time += duration;
      number += 1;
    }
  }
  const channels = childrenOf(element, 'AudioChannelConfiguration')[0]?.attributes.get('value');
  return { id, mimeType: attribute('mimeType') ?? '', attribute, channels, init, segments };
}

const CODECS = {
  video: /^(avc1\.64[0-9a-f]{4}|hvc1\.\d+\.[0-9A-F]+\.[LH]\d+(\.[0-9A-F]+){0,6})$/,
  audio: /^mp4a\.40\.2$/,
};

/** Holds a representation against ISO/IEC 23009-1. */
export function brokenRepresentation(of: ReadRepresentation, minBufferTime: number): string[] {
  const broken: string[] = [];
  const rule = (section: string, holds: boolean, text: string) => {
    if (!holds) broken.push(`ISO/IEC 23009-1 §${section}: ${of.id}: ${text}`);
  };
  const { id, attribute, segments, init, mimeType } = of;
  rule('5.3.5.2', /^\S+$/.test(id), 'the id is empty, or has a space');
  rule('5.3.7.2', /^(video|audio)\/mp4$/.test(mimeType), `mimeType ${mimeType}`);
  rule('5.3.9.4', segments.length > 0, 'it lists no segment');
  rule('6.3.3', init.length === 1, `the init segment has ${init.length} tracks`);
  const kind = mimeType === 'video/mp4' ? 'video' : 'audio';
  const codecs = attribute('codecs') ?? '';
  rule('5.3.7.2', CODECS[kind].test(codecs), `codecs ${codecs}`);
  rule('5.3.7.2', codecs.split('.')[0] === init[0]?.entry, `codecs ${codecs}, but it is ${init[0]?.entry}`);
  if (kind === 'video') {
    rule('5.3.7.2', /^\d+(\/[1-9]\d*)?$/.test(attribute('frameRate') ?? ''), 'there is no frameRate');
    rule('5.3.7.2', Number(attribute('width')) > 0 && Number(attribute('height')) > 0, 'there is no size');
  } else {
    rule('5.3.7.2', Number(attribute('audioSamplingRate')) > 0, 'there is no audioSamplingRate');
    rule('5.8.5.4', of.channels !== undefined, 'there is no AudioChannelConfiguration');
  }

  for (const [index, { start, duration, bytes, tracks }] of segments.entries()) {
    const [track] = tracks;
    const name = `segment ${index + 1}`;
    rule('5.3.9.5', bytes > 0 && track !== undefined, `${name} is missing, or holds no sample`);
    rule('5.3.9.6', duration > 0, `${name} lasts ${duration} s`);
    const before = segments[index - 1];
    const isNext = before === undefined || Math.abs(before.start + before.duration - start) <= TOLERANCE;
    rule('5.3.9.6', isNext, `${name} does not begin where the one before it ends`);
    if (!track) continue;
    // The frame that an encoder of sound puts before the first one is not presented.
    const begin = Math.max(0, track.start);
    const next = segments[index + 1]?.tracks[0]?.start ?? track.end;
    const real = `${begin.toFixed(4)} to ${next.toFixed(4)} s`;
    const isTrue = Math.abs(begin - start) <= TOLERANCE && Math.abs(next - start - duration) <= TOLERANCE;
    rule(
      '5.3.9.6',
      isTrue,
      `${name} is ${real}; ${start.toFixed(4)} to ${(start + duration).toFixed(4)} s stated`,
    );
  }
  if (segments.length > 0) broken.push(...brokenBandwidth(of, minBufferTime));
  return broken;
}

/** Holds the bandwidth against its definition: enough for playing from any segment, and not more than needed. */
function brokenBandwidth({ id, attribute, segments }: ReadRepresentation, minBufferTime: number): string[] {
  const bandwidth = Number(attribute('bandwidth'));
  const longest = Math.max(...segments.map(({ duration }) => duration));
  const most = Math.max(peakRate(segments, Math.max(1, Math.round(longest))), averageRate(segments));
  const isEnough = playsWithoutStall(segments, { bandwidth, minBufferTime });
  const isRight = Number.isInteger(bandwidth) && isEnough && bandwidth <= Math.ceil(most) + 1;
  const text = `bandwidth ${bandwidth} ${isEnough ? `is above the peak of ${most}` : 'lets a player stall'}`;
  return isRight ? [] : [`ISO/IEC 23009-1 §5.3.5.2: ${id}: ${text}`];
}
