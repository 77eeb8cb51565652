import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { attributesOf, type Line, linesOf, quoted } from './m3u8.ts';
import type { Sized } from './measures.ts';
import { fragmentContents, initTracks, type TrackContents } from './segment-contents.ts';
import { transportContents } from './transport-contents.ts';

/** HLS media playlist, with what its segments hold. */
export interface MediaPlaylist {
  readonly targetDuration: number;
  readonly segments: readonly Segment[];
  /** Names of the sample entries of the init segment; empty for a transport stream. */
  readonly entries: readonly string[];
  readonly broken: readonly string[];
}

export interface Segment extends Sized {
  readonly uri: string;
  readonly tracks: readonly TrackContents[];
}

/** Seconds by which a stated duration may differ from the real one. */
const TOLERANCE = 0.0015;

const SINGLE_TAGS = [
  ...['EXTM3U', 'EXT-X-VERSION', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-PLAYLIST-TYPE'],
  ...['EXT-X-ENDLIST', 'EXT-X-INDEPENDENT-SEGMENTS', 'EXT-X-DISCONTINUITY-SEQUENCE'],
];

/** Reads a media playlist and its segments, and holds both against RFC 8216. */
export async function readMediaPlaylist(file: string): Promise<MediaPlaylist> {
  const broken: string[] = [];
  const rule = (section: string, holds: boolean, text: string) => {
    if (!holds) broken.push(`RFC 8216 §${section}: ${text}`);
  };
  const text = await readFile(file, 'utf8');
  const lines = linesOf(text);
  const values = (tag: string) => lines.filter((line) => line.tag === tag).map(({ value }) => value);

  rule('4.1', !/[^\P{Cc}\r\n]|\ufeff/u.test(text), 'control characters, or a BOM');
  rule('4.3.1.1', text.startsWith('#EXTM3U\n'), 'the first line is not #EXTM3U');
  for (const tag of SINGLE_TAGS) rule('4.3', values(tag).length <= 1, `${tag} occurs more than once`);
  rule('4.3.4', !lines.some(isMasterTag), 'a media playlist has a tag of master playlists');
  rule('4.3.3.1', values('EXT-X-TARGETDURATION').length === 1, 'there is no EXT-X-TARGETDURATION');
  rule('4.3.3.4', lines.at(-1)?.tag === 'EXT-X-ENDLIST', 'the playlist does not end with EXT-X-ENDLIST');
  rule('4.3.3.5', values('EXT-X-PLAYLIST-TYPE')[0] === 'VOD', 'the playlist is not of the type VOD');
  rule('4.3.5.1', values('EXT-X-INDEPENDENT-SEGMENTS').length === 1, 'segments are not called independent');

  const targetDuration = Number(values('EXT-X-TARGETDURATION')[0]);
  rule('4.3.3.1', Number.isInteger(targetDuration) && targetDuration > 0, `target ${targetDuration}`);
  const listed = listedSegments(lines);
  rule('4.3.2.1', listed.length > 0, 'no segment is listed');
  for (const { uri, duration } of listed) {
    rule('4.3.2.1', duration !== null, `${uri} has no EXTINF with a decimal number`);
    rule('4.3.3.1', Math.round(duration ?? 0) <= targetDuration, `${uri} is longer than the target duration`);
    rule('4.3.2.1', (duration ?? 0) > 0, `${uri} lasts 0 s`);
  }
  const map = lines.findIndex(({ tag }) => tag === 'EXT-X-MAP');
  const version = Number(values('EXT-X-VERSION')[0] ?? 1);
  const needed = map >= 0 ? 6 : values('EXTINF').some((value) => value.includes('.')) ? 3 : 1;
  rule('7', version >= needed, `version ${version} is stated, and ${needed} is needed`);

  const dir = dirname(file);
  const initUri = map < 0 ? null : quoted(attributesOf(lines[map]?.value ?? '')?.get('URI'));
  rule('4.3.2.5', map < 0 || (initUri !== null && existsSync(join(dir, initUri))), 'EXT-X-MAP names no file');
  rule('4.3.2.5', map < lines.findIndex(({ tag }) => tag === 'EXTINF'), 'EXT-X-MAP follows a segment');
  const init = initUri === null ? null : await readFile(join(dir, initUri));
  const tracks = init === null ? [] : initTracks(init);
  rule('3.3', init === null || tracks.length > 0, 'the init segment has no track');

  const segments: Segment[] = [];
  for (const { uri, duration } of listed) {
    const bytes = await readFile(join(dir, uri)).catch(() => Buffer.alloc(0));
    rule('3', bytes.length > 0, `${uri} is missing or empty`);
    rule('3.3', init !== null || uri.endsWith('.ts'), `${uri} needs an init segment`);
    if (init === null) {
      const { beginsWithTables, tracks, declared } = transportContents(bytes);
      rule('3.2', beginsWithTables, `${uri} does not begin with a PAT and a PMT`);
      rule('3.2', tracks.length === declared.length, `${uri} declares a track of which it holds nothing`);
      segments.push({ uri, duration: duration ?? 0, bytes: bytes.length, tracks });
    } else {
      const contents = fragmentContents(bytes, tracks);
      rule('3.3', contents.length === tracks.length, `${uri} holds nothing of a track of the init segment`);
      segments.push({ uri, duration: duration ?? 0, bytes: bytes.length, tracks: contents });
    }
  }
  broken.push(...brokenTimes(segments));
  return { targetDuration, segments, entries: tracks.map(({ entry }) => entry), broken };
}

function isMasterTag({ tag }: Line): boolean {
  return /^EXT-X-(STREAM-INF|MEDIA|I-FRAME-STREAM-INF|SESSION-DATA|SESSION-KEY)$/.test(tag ?? '');
}

function listedSegments(lines: readonly Line[]): { uri: string; duration: number | null }[] {
  return lines.flatMap(({ tag, value }, index) => {
    if (tag !== null) return [];
    const info = lines[index - 1];
    const text = info?.tag === 'EXTINF' ? /^(\d+(?:\.\d+)?),/.exec(info.value)?.[1] : undefined;
    return [{ uri: value, duration: text === undefined ? null : Number(text) }];
  });
}

/** Returns the duration of the longest sample of a kind, in any segment. */
function longestSampleOf(segments: readonly Segment[], kind: TrackContents['kind']): number {
  const tracks = segments.flatMap((segment) => segment.tracks).filter((track) => track.kind === kind);
  return Math.max(0, ...tracks.map(({ longestSample }) => longestSample));
}

/** Holds the stated durations against the times of the samples, and the key frames against independence. */
function brokenTimes(segments: readonly Segment[]): string[] {
  const main = segments.map(({ tracks }) => tracks.find(({ kind }) => kind === 'video') ?? tracks[0]);
  // The sound ends with a whole frame, and the encoder puts another one before it, so that the last segment may
  // hold a little more than it says.
  const lastTolerance = longestSampleOf(segments, 'video') + 2 * longestSampleOf(segments, 'audio');
  return segments.flatMap(({ uri, duration, tracks }, index) => {
    const [own, next] = [main[index], main[index + 1]];
    if (!own) return [`RFC 8216 §3: ${uri} holds no sample`];
    // An edit list leaves out what is before 0, such as the frame that an encoder of sound puts before the first.
    const start = own.start < 0 ? 0 : own.start;
    const real = (next?.start ?? Math.max(...tracks.map(({ end }) => end))) - start;
    const tolerance = next ? TOLERANCE : TOLERANCE + lastTolerance;
    return [
      ...(Math.abs(real - duration) <= tolerance
        ? []
        : [`RFC 8216 §4.3.2.1: ${uri} lasts ${real.toFixed(4)} s, and EXTINF says ${duration} s`]),
      ...(own.startsWithKey ? [] : [`RFC 8216 §4.3.5.1: ${uri} does not begin with a key frame`]),
    ];
  });
}
