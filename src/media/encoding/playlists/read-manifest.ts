import { languageTag } from './language.ts';
import type { Picture, Representation, SegmentTemplate, SegmentTime, Sound } from './representation.ts';

/**
 * Returns the representations in the manifest of one quality, which ffmpeg or this service wrote. Attributes that
 * only the adaptation set has, such as ffmpeg's frame rate, count for its representations.
 */
export function readManifest(manifest: string): Representation[] {
  return elements(manifest, 'AdaptationSet').flatMap((set) =>
    elements(set, 'Representation').map((xml) => representationIn(xml, set)),
  );
}

function representationIn(xml: string, set: string): Representation {
  const read = (name: string) => attribute(startTag(xml), name) ?? attribute(startTag(set), name);
  const isVideo = (read('mimeType') ?? read('contentType') ?? '').startsWith('video');
  return {
    id: read('id') ?? '0',
    contentType: isVideo ? 'video' : 'audio',
    codecs: read('codecs') ?? '',
    bandwidth: Number(read('bandwidth') ?? 0),
    picture: isVideo ? pictureIn(read) : null,
    sound: isVideo ? null : soundIn(read, xml),
    language: isVideo ? null : languageTag(read('lang')),
    baseUrl: '',
    template: templateIn(xml),
  };
}

type Read = (name: string) => string | undefined;

function pictureIn(read: Read): Picture {
  return {
    width: Number(read('width') ?? 0),
    height: Number(read('height') ?? 0),
    frameRate: read('frameRate') ?? null,
  };
}

function soundIn(read: Read, xml: string): Sound {
  const channels = elements(xml, 'AudioChannelConfiguration')[0];
  return {
    sampleRate: Number(read('audioSamplingRate')) || null,
    channels: Number(channels && attribute(channels, 'value')) || null,
  };
}

function templateIn(xml: string): SegmentTemplate {
  const template = elements(xml, 'SegmentTemplate')[0] ?? '';
  const number = (name: string, otherwise: number) => Number(attribute(template, name) ?? otherwise);
  return {
    timescale: number('timescale', 1),
    initialization: attribute(template, 'initialization') ?? '',
    media: attribute(template, 'media') ?? '',
    startNumber: number('startNumber', 1),
    presentationTimeOffset: number('presentationTimeOffset', 0),
    times: timesIn(template),
  };
}

/** Returns the times of a timeline, whose elements may stand for several segments, and begin where the last one ended. */
function timesIn(template: string): SegmentTime[] {
  const times: SegmentTime[] = [];
  let next = 0;
  for (const tag of elements(template, 'S')) {
    const duration = Number(attribute(tag, 'd') ?? 0);
    next = Number(attribute(tag, 't') ?? next);
    for (let left = Number(attribute(tag, 'r') ?? 0); left >= 0; left -= 1) {
      times.push({ start: next, duration });
      next += duration;
    }
  }
  return times;
}

/** Returns the elements of a name, which do not contain each other. */
function elements(xml: string, name: string): string[] {
  return xml.match(new RegExp(`<${name}(?=[\\s/>])(?:[^>]*/>|[\\s\\S]*?</${name}>)`, 'g')) ?? [];
}

function startTag(xml: string): string {
  return xml.slice(0, xml.indexOf('>'));
}

function attribute(xml: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(xml)?.[1];
}
