import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dashManifestFile, downloadFile, hlsMasterFile } from '../../../../src/media/files/media-files.ts';

/** Files that a player loads one after the other for one stream, and what the playlist says that they last. */
export interface PlayedFiles {
  readonly files: readonly string[];
  /** Seconds; `null`: nothing but the files says it. */
  readonly listedSeconds: number | null;
}

/** One way to play the media: a variant of the master playlist, a representation of the manifest, or the MP4. */
export interface Output {
  readonly name: string;
  /** One element if picture and sound are in the same files. */
  readonly streams: readonly PlayedFiles[];
  /** Seconds that the whole presentation lasts by its manifest; `null`: nothing says it. */
  readonly presentationSeconds: number | null;
  /** Whether the output is one file with times of its own, which begin at 0. Left out: it is not. */
  readonly isFile?: true;
}

/** Returns all ways to play a media, from the files that players open. */
export async function outputsOf(mediaDir: string): Promise<Output[]> {
  const [master, manifest, mp4] = [
    hlsMasterFile(mediaDir),
    dashManifestFile(mediaDir),
    downloadFile(mediaDir),
  ];
  return [
    ...(existsSync(master) ? await hlsOutputs(master) : []),
    ...(existsSync(manifest) ? await dashOutputs(manifest) : []),
    ...(existsSync(mp4)
      ? [
          {
            ...{ name: 'MP4', isFile: true as const, presentationSeconds: null },
            streams: [{ files: [mp4], listedSeconds: null }],
          },
        ]
      : []),
  ];
}

async function hlsOutputs(master: string): Promise<Output[]> {
  const text = await readFile(master, 'utf8');
  const variants = [...text.matchAll(/^#EXT-X-STREAM-INF:(.*)\n(.+)$/gm)];
  return Promise.all(
    variants.map(async ([, attributes = '', uri = '']) => {
      const group = attributeOf(attributes, 'AUDIO');
      const sounds = [...text.matchAll(/^#EXT-X-MEDIA:(.*)$/gm)].map(([, media = '']) => media);
      const sound = sounds.find((media) => group !== null && attributeOf(media, 'GROUP-ID') === group);
      const soundUri = sound === undefined ? null : attributeOf(sound, 'URI');
      const playlists = [uri, ...(soundUri === null ? [] : [soundUri])];
      const streams = await Promise.all(playlists.map((path) => hlsStream(join(dirname(master), path))));
      return { name: `HLS ${uri}`, streams, presentationSeconds: null };
    }),
  );
}

async function hlsStream(playlist: string): Promise<PlayedFiles> {
  const text = await readFile(playlist, 'utf8');
  const map = /^#EXT-X-MAP:URI="([^"]+)"/m.exec(text)?.[1];
  const durations = [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, seconds]) => Number(seconds));
  const segments = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const files = [...(map === undefined ? [] : [map]), ...segments];
  return {
    files: files.map((file) => join(dirname(playlist), file)),
    listedSeconds: durations.reduce((sum, seconds) => sum + seconds, 0),
  };
}

function attributeOf(attributes: string, name: string): string | null {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(attributes)?.[1] ?? null;
}

async function dashOutputs(manifest: string): Promise<Output[]> {
  const text = await readFile(manifest, 'utf8');
  const presentationSeconds = isoSeconds(xmlAttribute(text, 'mediaPresentationDuration') ?? '');
  const sets = text.match(/<AdaptationSet[\s>][\s\S]*?<\/AdaptationSet>/g) ?? [];
  const all = sets.flatMap((set) =>
    (set.match(/<Representation[\s>][\s\S]*?<\/Representation>/g) ?? []).map((representation) => ({
      id: xmlAttribute(representation, 'id') ?? '',
      isVideo: /(?:contentType|mimeType)="video/.test(representation) || /contentType="video/.test(set),
      played: dashStream(dirname(manifest), set, representation),
    })),
  );
  const sound = all.find(({ isVideo }) => !isVideo);
  const videos = all.filter(({ isVideo }) => isVideo);
  const main = videos.length > 0 ? videos : all;
  return main.map(({ id, played }) => {
    const streams = [played, ...(videos.length > 0 && sound ? [sound.played] : [])];
    return { name: `DASH ${id}`, streams, presentationSeconds };
  });
}

/** Reads a `SegmentTemplate` with its `SegmentTimeline`, of the representation or of its set. */
function dashStream(folder: string, set: string, representation: string): PlayedFiles {
  const template = /<SegmentTemplate[\s\S]*?<\/SegmentTemplate>/;
  const xml = template.exec(representation)?.[0] ?? template.exec(set)?.[0] ?? '';
  const base = /<BaseURL>([^<]*)<\/BaseURL>/.exec(representation)?.[1] ?? '';
  const fill = (name: string, number: number) =>
    join(folder, base, name)
      .replaceAll('$RepresentationID$', xmlAttribute(representation, 'id') ?? '')
      .replace(/\$Number(?:%0(\d+)d)?\$/, (_, width) => String(number).padStart(Number(width ?? 1), '0'));
  const durations = [...xml.matchAll(/<S ([^>]*)>/g)].flatMap(([, s = '']) => {
    const repeats = Number(xmlAttribute(` ${s}`, 'r') ?? 0);
    return Array.from({ length: repeats + 1 }, () => Number(xmlAttribute(` ${s}`, 'd')));
  });
  const first = Number(xmlAttribute(xml, 'startNumber') ?? 1);
  const media = xmlAttribute(xml, 'media') ?? '';
  const ticks = durations.reduce((sum, duration) => sum + duration, 0);
  return {
    files: [
      fill(xmlAttribute(xml, 'initialization') ?? '', 0),
      ...durations.map((_, index) => fill(media, first + index)),
    ],
    listedSeconds: ticks / Number(xmlAttribute(xml, 'timescale') ?? 1),
  };
}

function xmlAttribute(xml: string, name: string): string | null {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(xml)?.[1] ?? null;
}

function isoSeconds(duration: string): number {
  const [, hours, minutes, seconds] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration) ?? [];
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? Number.NaN);
}
