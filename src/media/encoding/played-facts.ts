import { readFile } from 'node:fs/promises';
import type { Media } from '../../domain/media.ts';
import type { ProbedFacts } from '../../storage/contracts/media.ts';
import { qualityEntryFile } from '../files/media-files.ts';
import { readManifest } from './playlists/read-manifest.ts';
import { endOf } from './playlists/representation.ts';
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

/**
 * Returns the facts that a probe found, with what the encodes before a restart have shown: their notes, and the duration
 * of the qualities that are done.
 */
export async function factsAfterRestart(
  mediaDir: string,
  facts: ProbedFacts,
  { notes, qualities }: Pick<Media, 'notes' | 'qualities'>,
): Promise<ProbedFacts> {
  let known = playedFacts(facts, null, notes);
  for (const quality of qualities.filter(({ status }) => status === 'done')) {
    known = playedFacts(known, await playedSeconds(mediaDir, quality), []);
  }
  return known;
}

/** Returns how long an encoded quality lasts, by its playlist or manifest; `null`: it has none that can be read. */
export async function playedSeconds(mediaDir: string, quality: FinishedQuality): Promise<number | null> {
  // The file is gone if the media was deleted meanwhile. The next step of the job notices that.
  const text = await readFile(qualityEntryFile(mediaDir, quality), 'utf8').catch(() => '');
  return quality.type === 'hls' ? secondsOfPlaylist(text) : secondsOfManifest(text);
}

function secondsOfManifest(text: string): number | null {
  const ends = readManifest(text).map(endOf);
  return ends.length > 0 ? Math.max(...ends) : null;
}

function secondsOfPlaylist(text: string): number | null {
  const playlist = readSegmentPlaylist(text);
  return playlist === null ? null : playlist.segments.reduce((sum, { duration }) => sum + duration, 0);
}
