import { join } from 'node:path';
import { mediaRoot } from '../../data-folder/paths.ts';
import type { Quality } from '../../domain/media.ts';

/** No media has this name. */
export const TRASH = '.trash';

/**
 * Where a media's files are. One directory for each media:
 *
 *   source                          the received file, as it came
 *   parts/                          parts of an unfinished upload
 *   work/<uuid>/                    unfinished encodes; a killed service leaves some, and nothing reads them
 *   public/                         what the web may see, each thing whole from the moment that it is there
 *     hls/master.m3u8
 *     hls/<position>-<resolution>/  index.m3u8 and its segments
 *     dash/manifest.mpd
 *     dash/<position>-<resolution>/ manifest.mpd (of that quality alone) and its segments
 *     download.mp4
 *     thumbnail.jpg                 taken from the media
 *     custom-thumbnail.jpg          made of a picture that the account uploaded
 *
 * Everything below `mediaDir` is one file system: a rename from work/ to public/ is atomic.
 */
export function mediaDir(dataDir: string, mediaId: string): string {
  return join(mediaRoot(dataDir), mediaId);
}

/**
 * What no start leaves there: the directories of deleted media until they are removed, and pictures on their way to
 * become thumbnails. Beside the media's directories, for renames lead from one to the other.
 */
export function trashDir(dataDir: string): string {
  return join(mediaRoot(dataDir), TRASH);
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

/** A quality's directory by name, beside the playlist or manifest that lists it. */
export function qualityName(quality: Pick<Quality, 'position' | 'resolution'>): string {
  return `${quality.position}-${quality.resolution}`;
}

export function qualityDir(dir: string, quality: Pick<Quality, 'position' | 'resolution' | 'type'>): string {
  return join(publicDir(dir), quality.type, qualityName(quality));
}

/** The playlist (HLS) or manifest (DASH) of one finished quality. */
export function qualityEntryFile(
  dir: string,
  quality: Pick<Quality, 'position' | 'resolution' | 'type'>,
): string {
  return join(qualityDir(dir, quality), quality.type === 'hls' ? 'index.m3u8' : 'manifest.mpd');
}
