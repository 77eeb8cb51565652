import { readFile } from 'node:fs/promises';
import type { ProbedFacts } from '../../storage/contracts/media.ts';
import { qualityEntryFile } from '../files/media-files.ts';
import { readSegmentPlaylist } from './playlists/segment-playlist.ts';
import type { FinishedQuality } from './write-playlists.ts';

/** Seconds by which an encoded quality may be shorter or longer than its file before the media states its duration. */
const MAX_DEVIATION = 0.1;

/**
 * Returns the facts about a media after one of its qualities was encoded: with the notes of the encode, and with the
 * duration of what is played, if the file promised another one.
 */
export function playedFacts(
  facts: ProbedFacts,
  seconds: number | null,
  notes: readonly string[],
): ProbedFacts {
  const isOff = seconds !== null && Math.abs(seconds - facts.duration) > MAX_DEVIATION;
  const added = notes.filter((note) => !facts.notes.includes(note));
  if (!isOff && added.length === 0) return facts;
  return { ...facts, duration: isOff ? seconds : facts.duration, notes: [...facts.notes, ...added] };
}

/** Returns how long an encoded quality lasts, by its playlist; `null`: it has no playlist of HLS. */
export async function playedSeconds(mediaDir: string, quality: FinishedQuality): Promise<number | null> {
  if (quality.type !== 'hls') return null;
  // The file is gone if the media was deleted meanwhile. The next step of the job notices that.
  const text = await readFile(qualityEntryFile(mediaDir, quality), 'utf8').catch(() => '');
  const playlist = readSegmentPlaylist(text);
  return playlist === null ? null : playlist.segments.reduce((sum, { duration }) => sum + duration, 0);
}
