import { join } from 'node:path';
import { mediaRoot } from '../../data-folder/paths.ts';
import type { Quality } from '../../domain/media.ts';

/** Names of folders beside the directories of the media. No media has such a name. */
export const TRASH = '.trash';
export const SCRATCH = '.scratch';

/**
 * Returns the directory of a media, which holds all its files:
 *
 *   source                          the received file, unchanged
 *   parts/                          parts of an unfinished upload
 *   work/<uuid>/                    unfinished encodes; a killed service leaves some, and nothing reads them
 *   public/                         files that the web may see; each is complete from the moment that it exists
 *     hls/master.m3u8
 *     hls/<position>-<resolution>/  index.m3u8 and its segments
 *     dash/manifest.mpd
 *     dash/<position>-<resolution>/ manifest.mpd (of that quality alone) and its segments
 *     download.mp4
 *     thumbnail.jpg                 taken from the media
 *     custom-thumbnail.jpg          made from a picture that the account uploaded
 *
 * All of it is on one file system, so that a rename from work/ to public/ is atomic.
 */
export function mediaDir(dataDir: string, mediaId: string): string {
  return join(mediaRoot(dataDir), mediaId);
}

/**
 * Returns the folder of deleted media's directories, which are there until they are removed; each start empties it. It
 * is beside the directories of the media, so that a rename can move them there.
 */
export function trashDir(dataDir: string): string {
  return join(mediaRoot(dataDir), TRASH);
}

/**
 * Returns the folder of scratch directories that belong to no encode, such as those of custom thumbnails; each start
 * empties it. It is beside the directories of the media, so that a rename can move finished files there.
 */
export function scratchDir(dataDir: string): string {
  return join(mediaRoot(dataDir), SCRATCH);
}

export function sourceFile(dir: string): string {
  return join(dir, 'source');
}

export function partsDir(dir: string): string {
  return join(dir, 'parts');
}

export function workDir(dir: string): string {
  return join(dir, 'work');
}

export function publicDir(dir: string): string {
  return join(dir, 'public');
}

export function hlsMasterFile(dir: string): string {
  return join(publicDir(dir), 'hls', 'master.m3u8');
}

export function dashManifestFile(dir: string): string {
  return join(publicDir(dir), 'dash', 'manifest.mpd');
}

export function downloadFile(dir: string): string {
  return join(publicDir(dir), 'download.mp4');
}

export function thumbnailFile(dir: string): string {
  return join(publicDir(dir), 'thumbnail.jpg');
}

export function customThumbnailFile(dir: string): string {
  return join(publicDir(dir), 'custom-thumbnail.jpg');
}

/** Returns the name of a quality's directory, which is beside the playlist or manifest that lists it. */
export function qualityName(quality: Pick<Quality, 'position' | 'resolution'>): string {
  return `${quality.position}-${quality.resolution}`;
}

export function qualityDir(dir: string, quality: Pick<Quality, 'position' | 'resolution' | 'type'>): string {
  return join(publicDir(dir), quality.type, qualityName(quality));
}

/** Returns the playlist (HLS) or manifest (DASH) of one finished quality. */
export function qualityEntryFile(
  dir: string,
  quality: Pick<Quality, 'position' | 'resolution' | 'type'>,
): string {
  return join(qualityDir(dir, quality), quality.type === 'hls' ? 'index.m3u8' : 'manifest.mpd');
}
