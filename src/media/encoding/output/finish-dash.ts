import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DASH_MANIFEST } from '../command/encode-args.ts';
import type { Rendition } from '../plan/rendition.ts';
import { measureBandwidths } from '../playlists/bandwidth.ts';
import { manifestOf, minBufferTimeOf } from '../playlists/dash-manifest.ts';
import { fractionOf } from '../playlists/frame-rate.ts';
import { languageTag } from '../playlists/language.ts';
import { readManifest } from '../playlists/read-manifest.ts';
import { initFile, longestSegment, type Representation, segmentFile } from '../playlists/representation.ts';
import { type Finding, missingOf, type TrackKind } from './finding.ts';
import { tracksOfInit } from './init-segment.ts';

/**
 * Writes the manifest of a quality. The manifest that ffmpeg wrote is read for the names and times of the
 * segments. Codecs and bandwidths are read and measured from the files instead.
 */
export async function finishDash(scratch: string, rendition: Rendition): Promise<Finding> {
  const written = await listedWithSegments(scratch);
  const minBufferTime = minBufferTimeOf(written);
  const measured: Representation[] = [];
  for (const representation of written) {
    const segments = await measuredSegments(scratch, representation);
    const targetDuration = Math.max(1, Math.round(longestSegment(representation)));
    const [track] = tracksOfInit(await readFile(join(scratch, initFile(representation))));
    measured.push({
      ...representation,
      codecs: track?.codec ?? representation.codecs,
      language: representation.sound && languageTag(rendition.audio?.language ?? undefined),
      bandwidth: measureBandwidths(segments, { targetDuration, minBufferTime }).sustained,
      picture: representation.picture && {
        ...representation.picture,
        frameRate: fractionOf(rendition.video?.frameRate ?? 0),
      },
    });
  }
  await writeFile(join(scratch, DASH_MANIFEST), manifestOf(measured));
  return { kind: 'complete' };
}

/**
 * Returns the tracks of a rendition that the manifest of ffmpeg lists without a segment, or not at all. A manifest
 * that is cut off, for example by a full disk, tells nothing about tracks.
 */
export async function missingFromManifest(scratch: string, rendition: Rendition): Promise<TrackKind[]> {
  if (!(await readFile(join(scratch, DASH_MANIFEST), 'utf8')).includes('</MPD>')) return [];
  const found = await listedWithSegments(scratch);
  return missingOf(
    rendition,
    found.map(({ contentType }) => contentType),
  );
}

/** If nothing of a stream can be decoded, ffmpeg lists the stream without segments. */
async function listedWithSegments(scratch: string): Promise<Representation[]> {
  const manifest = await readFile(join(scratch, DASH_MANIFEST), 'utf8');
  return readManifest(manifest).filter(({ template }) => template.times.length > 0);
}

async function measuredSegments(scratch: string, representation: Representation) {
  const { times, timescale } = representation.template;
  const segments: { duration: number; bytes: number }[] = [];
  for (const [index, { duration }] of times.entries()) {
    const { size } = await stat(join(scratch, segmentFile(representation, index)));
    segments.push({ duration: duration / timescale, bytes: size });
  }
  return segments;
}
