import { join } from 'node:path';
import { mediaRoot } from '../../data-folder/paths.ts';
import type { Quality } from '../../domain/media.ts';
import { treeSize } from './tree-size.ts';

/**
 * Names of two folders that have the same parent as the directories of the media. No media can have such a
 * name, because the name of a media's directory is a UUID.
 */
export const TRASH = '.trash';
export const SCRATCH = '.scratch';

/**
 * Returns the directory that holds all files of a media:
 *
 *   source                          the received file, unchanged
 *   parts/                          parts of an unfinished upload
 *   work/<uuid>/                    output of an unfinished encode; never read after a restart
 *   public/                         files that are served over HTTP; each appears only when it is complete
 *     hls/master.m3u8
 *     hls/<position>-<resolution>/  index.m3u8 and its segments; or playlists alone, which list the segments of DASH
 *     dash/manifest.mpd
 *     dash/<position>-<resolution>/ manifest.mpd (of that quality alone) and its segments
 *     download.mp4
 *     thumbnail.jpg                 taken from the media
 *     custom-thumbnail.jpg          made from a picture that the account uploaded
 *
 * The whole directory must be on one file system, so that a rename from work/ to public/ is atomic.
 */
export function mediaDir(dataDir: string, mediaId: string): string {
  return join(mediaRoot(dataDir), mediaId);
}

/**
 * Returns the folder that holds the directories of deleted media until they are removed. Each start of the
 * service empties this folder. The folder has the same parent, and therefore the same file system, as the
 * directories of the media, so that a rename can move a directory into it.
 */
export function trashDir(dataDir: string): string {
  return join(mediaRoot(dataDir), TRASH);
}

/**
 * Returns the folder in which custom thumbnails are made, each in a scratch directory of its own. Each start
 * of the service empties this folder. The folder has the same parent, and therefore the same file system, as
 * the directories of the media, so that a rename can move a finished file out of it.
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

/** Returns the bytes of all files that encoding has made of a media. Rejects if its directory can't be read at present. */
export async function encodedBytes(dir: string): Promise<number> {
  return (await treeSize(publicDir(dir), customThumbnailFile(dir))).bytes;
}

export function thumbnailFile(dir: string): string {
  return join(publicDir(dir), 'thumbnail.jpg');
}

export function customThumbnailFile(dir: string): string {
  return join(publicDir(dir), 'custom-thumbnail.jpg');
}

/**
 * Returns the name of a quality's directory. This directory and the playlist or manifest that lists the
 * quality have the same parent directory.
 */
export function qualityName(quality: Pick<Quality, 'position' | 'resolution'>): string {
  return `${quality.position}-${quality.resolution}`;
}

export function qualityDir(dir: string, quality: Pick<Quality, 'position' | 'resolution' | 'type'>): string {
  return join(publicDir(dir), quality.type, qualityName(quality));
}

/** Returns the path of the playlist (HLS) or manifest (DASH) of one finished quality. */
export function qualityEntryFile(
  dir: string,
  quality: Pick<Quality, 'position' | 'resolution' | 'type'>,
): string {
  return join(qualityDir(dir, quality), quality.type === 'hls' ? 'index.m3u8' : 'manifest.mpd');
}
