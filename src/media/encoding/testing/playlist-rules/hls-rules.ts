import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type MediaPlaylist, readMediaPlaylist } from './hls-media-rules.ts';
import { attributesOf, type Line, linesOf, quoted } from './m3u8.ts';
import { averageRate, peakRate } from './measures.ts';

/** Seconds by which the ends of the variants of one media may differ: a picture at 10 a second. */
const SAME_END = 0.1;

/** Holds a master playlist and all that it leads to against RFC 8216. Returns the rules that are broken. */
export async function brokenHlsRules(master: string): Promise<string[]> {
  const broken: string[] = [];
  const rule = (section: string, holds: boolean, text: string) => {
    if (!holds) broken.push(`RFC 8216 §${section}: ${text}`);
  };
  const text = await readFile(master, 'utf8');
  const lines = linesOf(text);
  rule('4.3.1.1', text.startsWith('#EXTM3U\n'), 'the first line is not #EXTM3U');
  rule('4.3.3', !/^#EXT(INF|-X-(TARGETDURATION|ENDLIST|MAP))/m.test(text), 'it has a tag of media playlists');
  rule('4.3.5.1', /^#EXT-X-INDEPENDENT-SEGMENTS$/m.test(text), 'segments are not called independent');
  rule('4.3.4.2', /^#EXT-X-STREAM-INF:/m.test(text), 'it lists no variant');

  const playlists: MediaPlaylist[] = [];
  for (const [index, { tag, value }] of lines.entries()) {
    if (tag !== 'EXT-X-STREAM-INF') continue;
    const attributes = attributesOf(value);
    const uri = lines[index + 1];
    rule('4.2', attributes !== null, `the attributes cannot be read: ${value}`);
    rule('4.3.4.2', uri?.tag === null, 'no URI follows EXT-X-STREAM-INF');
    const file = join(dirname(master), uri?.value ?? '');
    if (!attributes || uri?.tag !== null || !existsSync(file)) {
      rule('4.3.4.2', false, `the variant ${uri?.value} does not exist`);
      continue;
    }
    const parts = [await readMediaPlaylist(file)];
    const group = quoted(attributes.get('AUDIO'));
    const sound = group === null ? null : soundOf(group, lines);
    rule('4.3.4.2.1', group === null || sound !== null, `the group ${group} has no EXT-X-MEDIA with a URI`);
    if (sound !== null) parts.push(await readMediaPlaylist(join(dirname(master), sound)));
    playlists.push(...parts);
    for (const part of parts) broken.push(...part.broken.map((one) => `${uri.value}: ${one}`));
    broken.push(...brokenVariant(attributes, parts).map((one) => `${uri.value}: RFC 8216 §${one}`));
  }
  const targets = new Set(playlists.map(({ targetDuration }) => targetDuration));
  rule('6.2.4', targets.size <= 1, `the variants have the target durations ${[...targets]}`);
  const ends = playlists.map(endOf);
  const spread = Math.max(...ends) - Math.min(...ends);
  rule('6.2.4', playlists.length === 0 || spread <= SAME_END, `the variants end at ${ends.join(', ')} s`);
  return broken;
}

/** Returns the URI of the one playlist of sound in a group; `null`: it has no such playlist, or one that breaks the rules. */
function soundOf(group: string, lines: readonly Line[]): string | null {
  const renditions = lines
    .filter(({ tag }) => tag === 'EXT-X-MEDIA')
    .map(({ value }) => attributesOf(value))
    .filter((attributes) => quoted(attributes?.get('GROUP-ID')) === group);
  const [rendition] = renditions;
  if (!rendition || renditions.length > 1) return null;
  const isAudio = rendition.get('TYPE') === 'AUDIO' && quoted(rendition.get('NAME')) !== null;
  return isAudio && rendition.get('AUTOSELECT') === 'YES' ? quoted(rendition.get('URI')) : null;
}

function endOf({ segments }: MediaPlaylist): number {
  return segments.reduce((total, { duration }) => total + duration, 0);
}

/** Codec strings of what the service makes. */
const CODECS = {
  video: /^(avc1\.64[0-9a-f]{4}|hvc1\.\d+\.[0-9A-F]+\.[LH]\d+(\.[0-9A-F]+){0,6})$/,
  audio: /^mp4a\.40\.2$/,
};

/**
 * Holds the attributes of a variant against the segments of its playlists: one with all tracks, or one for each. The
 * bandwidth is the sum of those that are played together (RFC 8216 §4.3.4.2).
 */
function brokenVariant(attributes: ReadonlyMap<string, string>, parts: readonly MediaPlaylist[]): string[] {
  const broken: string[] = [];
  const rule = (holds: boolean, text: string) => {
    if (!holds) broken.push(`4.3.4.2: ${text}`);
  };
  const number = (name: string) => Number(attributes.get(name));
  const total = (rate: (part: MediaPlaylist) => number) =>
    parts.reduce((sum, part) => sum + Math.ceil(rate(part)), 0);
  const peak = total(({ segments, targetDuration }) =>
    Math.max(peakRate(segments, targetDuration), averageRate(segments)),
  );
  const average = total(({ segments }) => averageRate(segments));
  rule(isRate(number('BANDWIDTH'), peak), `BANDWIDTH ${number('BANDWIDTH')}, measured ${peak}`);
  const stated = number('AVERAGE-BANDWIDTH');
  rule(isRate(stated, average), `AVERAGE-BANDWIDTH ${stated}, measured ${average}`);

  const segments = parts.flatMap((part) => part.segments);
  const entries = parts.flatMap((part) => part.entries);
  const kinds = new Set(segments.flatMap(({ tracks }) => tracks.map(({ kind }) => kind)));
  const codecs = (quoted(attributes.get('CODECS')) ?? '').split(',');
  for (const kind of ['video', 'audio'] as const) {
    const named = codecs.filter((codec) => CODECS[kind].test(codec)).length;
    rule(named === (kinds.has(kind) ? 1 : 0), `CODECS ${codecs} does not fit ${[...kinds]}`);
  }
  rule(codecs.length === kinds.size, `CODECS ${codecs} does not fit ${[...kinds]}`);
  const named = codecs.map((codec) => codec.split('.')[0]);
  rule(
    entries.every((entry) => named.includes(entry)),
    `CODECS ${codecs} does not fit ${entries}`,
  );

  const hasPicture = kinds.has('video');
  const resolution = attributes.get('RESOLUTION') ?? '';
  rule(hasPicture === /^\d+x\d+$/.test(resolution), `RESOLUTION ${resolution || 'is missing'}`);
  const rate = attributes.get('FRAME-RATE') ?? '';
  rule(hasPicture === /^\d+\.\d{3}$/.test(rate), `FRAME-RATE ${rate || 'is missing'}`);
  const range = attributes.get('VIDEO-RANGE');
  if (range !== (hasPicture ? 'SDR' : undefined))
    broken.push(`4.3.4.2 (draft bis 4.4.6.2): VIDEO-RANGE ${range}`);
  return broken;
}

/** Returns whether a whole number is a measured rate, rounded up. */
function isRate(stated: number, measured: number): boolean {
  return Number.isInteger(stated) && stated >= measured - 1 && stated <= measured + 1;
}
