import { join } from 'node:path';
import { type Quality, requestOf } from '../../../src/domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../../src/domain/media-limits.ts';
import { makeMp4, makeThumbnail } from '../../../src/media/encoding/derived-files.ts';
import { encodeQuality } from '../../../src/media/encoding/encode-quality.ts';
import { notesOf } from '../../../src/media/encoding/plan/notes.ts';
import { findDamage } from '../../../src/media/encoding/source/damage/find-damage.ts';
import { probe } from '../../../src/media/encoding/source/probe.ts';
import { writePlaylists } from '../../../src/media/encoding/write-playlists.ts';
import type { MediaRequest } from './definition.ts';
import { SERVICE_FFMPEG, SERVICE_FFPROBE, serviceCapabilities } from './programs.ts';

/** Results of the service for a source. */
export interface Encoded {
  readonly mediaDir: string;
  readonly durationSeconds: number;
  readonly notes: readonly string[];
  readonly qualities: readonly Omit<Quality, 'status'>[];
}

const limits = DEFAULT_MEDIA_LIMITS;

/**
 * Does with a source what a job of the service does, without its database and its events. Returns the reason if
 * something failed, as the account reads it.
 */
export async function encodeSource(
  source: string,
  request: MediaRequest & { readonly thumbnail: boolean },
  dir: string,
): Promise<Encoded | string> {
  const { signal } = new AbortController();
  const found = await probe(source, {
    ffmpegPath: SERVICE_FFMPEG,
    ffprobePath: SERVICE_FFPROBE,
    signal,
    limits,
  });
  if (!found.ok) return found.reason;

  const mediaDir = join(dir, 'media');
  const capabilities = await serviceCapabilities();
  const options = { mediaDir, ffmpegPath: SERVICE_FFMPEG, signal, limits, minFreeBytes: 0, capabilities };
  const mediaType = found.probe.video ? (request.type ?? 'video') : 'audio';
  const qualities = (request.qualities ?? [{}]).map((quality, position) => ({
    ...requestOf('240p'),
    ...quality,
    position,
  }));
  if (request.thumbnail) {
    const made = await makeThumbnail(found.probe, { ...options, source });
    if (!made.ok) return `thumbnail: ${made.reason}`;
  }
  const shown = new Set<string>();
  const readOptions = { ffprobePath: SERVICE_FFPROBE, signal, limits };
  let damage: Promise<readonly string[]> | null = null;
  const onDamage = () => {
    damage ??= findDamage(source, found.probe, readOptions);
    return damage;
  };
  for (const quality of qualities) {
    const { segmentDuration = 1 } = request;
    const onNote = (note: string) => shown.add(note);
    const of = {
      source,
      quality,
      probe: found.probe,
      mediaType,
      segmentDuration,
      onNote,
      findDamage: onDamage,
    };
    const encoded = await encodeQuality({ ...options, ...of });
    if (!encoded.ok) return encoded.reason;
  }
  const written = await writePlaylists(mediaDir, qualities);
  if (!written.ok) return written.reason;
  if (request.mp4) {
    const made = await makeMp4(qualities, options);
    if (!made.ok) return `mp4: ${made.reason}`;
  }
  const wishes = { type: request.type ?? 'video', qualities: qualities.map(withStatus) };
  const { durationSeconds } = found.probe;
  const notes = [...new Set([...notesOf(found.probe, wishes), ...shown])];
  return { mediaDir, durationSeconds, notes, qualities };
}

function withStatus(quality: Omit<Quality, 'status'>): Quality {
  return { ...quality, status: 'done' };
}
