import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  brokenRepresentation,
  type ReadRepresentation,
  readRepresentation,
} from './dash-representation-rules.ts';
import { childrenOf, type Element, parseXml, secondsOf } from './xml.ts';

/** Seconds by which stated times may differ from the real ones. */
const TOLERANCE = 0.0015;

/** Holds a manifest and the segments that it lists against ISO/IEC 23009-1. Returns the rules that are broken. */
export async function brokenDashRules(manifest: string): Promise<string[]> {
  const broken: string[] = [];
  const rule = (section: string, holds: boolean, text: string) => {
    if (!holds) broken.push(`ISO/IEC 23009-1 §${section}: ${text}`);
  };
  const mpd = parseXml(await readFile(manifest, 'utf8'));
  rule('5.3.1.2', mpd.name === 'MPD', 'the document is no MPD');
  rule('5.3.1.2', mpd.attributes.get('xmlns') === 'urn:mpeg:dash:schema:mpd:2011', 'the namespace is wrong');
  rule('8.4', mpd.attributes.get('profiles') === 'urn:mpeg:dash:profile:isoff-live:2011', 'no known profile');
  rule('5.3.1.2', (mpd.attributes.get('type') ?? 'static') === 'static', 'the media is not static');
  const minBufferTime = secondsOf(mpd.attributes.get('minBufferTime'));
  rule('5.3.1.2', minBufferTime > 0, 'there is no minBufferTime');

  const periods = childrenOf(mpd, 'Period');
  rule('5.3.2.1', periods.length === 1, `there are ${periods.length} periods`);
  const sets = periods.flatMap((period) => childrenOf(period, 'AdaptationSet'));
  const read: ReadRepresentation[] = [];
  for (const set of sets) {
    const own: ReadRepresentation[] = [];
    for (const element of childrenOf(set, 'Representation')) {
      own.push(await readRepresentation({ element, set, dir: dirname(manifest) }));
    }
    for (const representation of own) broken.push(...brokenRepresentation(representation, minBufferTime));
    broken.push(...brokenSet(set, own));
    read.push(...own);
  }
  const ids = [...read.map(({ id }) => id), ...sets.map(({ attributes }) => `set ${attributes.get('id')}`)];
  rule('5.3.5.2', new Set(ids).size === ids.length, `ids are not unique: ${ids.join(', ')}`);
  rule('5.3.3.1', sets.length > 0 && read.length > 0, 'no representation is listed');

  const duration = secondsOf(mpd.attributes.get('mediaPresentationDuration'));
  const end = Math.max(...read.map(({ segments }) => endOf(segments)));
  rule('5.3.1.2', Math.abs(duration - end) <= TOLERANCE, `it lasts ${end} s, and ${duration} s are stated`);
  const longest = Math.max(...read.flatMap(({ segments }) => segments.map((segment) => segment.duration)));
  const most = secondsOf(mpd.attributes.get('maxSegmentDuration') ?? 'PT100H');
  rule(
    '5.3.1.2',
    most >= longest - TOLERANCE,
    `maxSegmentDuration ${most}, but a segment lasts ${longest} s`,
  );
  return broken;
}

function endOf(segments: ReadRepresentation['segments']): number {
  const last = segments.at(-1);
  return last ? last.start + last.duration : 0;
}

function brokenSet(set: Element, representations: readonly ReadRepresentation[]): string[] {
  const broken: string[] = [];
  const rule = (section: string, holds: boolean, text: string) => {
    if (!holds) broken.push(`ISO/IEC 23009-1 §${section}: ${text}`);
  };
  const { attributes } = set;
  const kinds = new Set(representations.map(({ mimeType }) => mimeType.split('/')[0]));
  rule(
    '5.3.3.2',
    kinds.size === 1 && kinds.has(attributes.get('contentType')),
    `contentType of ${[...kinds]}`,
  );
  const codecs = new Set(representations.map((of) => of.attribute('codecs')?.split('.')[0]));
  rule('5.3.3.1', codecs.size === 1, `a player cannot switch between ${[...codecs]}`);
  const par = attributes.get('par');
  for (const of of par === undefined ? [] : representations) {
    const [x = 0, y = 1] = (par ?? '').split(':').map(Number);
    const [sarX = 1, sarY = 1] = (of.attribute('sar') ?? '1:1').split(':').map(Number);
    const [width, height] = [Number(of.attribute('width')) * sarX, Number(of.attribute('height')) * sarY];
    rule('5.3.3.2', width * y === height * x, `par ${par} is not that of ${width}×${height}`);
  }
  if (attributes.get('segmentAlignment') === 'true') {
    // Segments of the same number must begin at the same time, give or take a sample.
    for (const { segments } of representations.slice(1)) {
      const first = representations[0]?.segments ?? [];
      const isAligned = segments.every(({ start }, index) => {
        const other = first[index]?.start ?? Number.POSITIVE_INFINITY;
        return Math.abs(other - start) <= TOLERANCE;
      });
      rule('5.3.3.2', isAligned && first.length === segments.length, 'the segments are not aligned');
    }
  }
  if (attributes.get('startWithSAP') === '1') {
    const all = representations.flatMap(({ segments }) => segments);
    const isKey = all.every(({ tracks }) => tracks[0]?.startsWithKey === true);
    rule('5.3.7.2', isKey, 'startWithSAP is 1, but a segment does not begin with a key frame');
  }
  return broken;
}
