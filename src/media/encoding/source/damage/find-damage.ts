import { outcomeOf } from '../../ffmpeg/failures.ts';
import { mediaInputArgs } from '../../ffmpeg/input-args.ts';
import { launcher } from '../../ffmpeg/launcher.ts';
import { encodeBounds } from '../../ffmpeg/limits.ts';
import type { AudioStream, Probe, VideoStream } from '../probe-report.ts';
import type { ReadOptions } from '../read-file.ts';
import { type Part, partsText } from '../wording/parts-text.ts';
import { DECODED_ENTRIES, DecodedReader } from './decoded-gaps.ts';

/** Seconds at both ends of a stream that do not count: encoders begin with, and cuts end in, half a frame. */
const ENDS = 0.1;
/** Minimum number of seconds of damaged sound. A tag in the middle of an MP3 costs a frame of half of it. */
const MIN_SOUND = 0.05;
/** Seconds behind the end of the media at which a frame has a wrong time, and is left out of the encode. */
const MAX_BEHIND = 1;
/** Part of a stream from which on it is said that most of it is damaged. */
const MOST = 0.5;

const KINDS = { picture: 'picture', sound: 'sound' } as const;

/**
 * Decodes the streams of a file, one after the other, and returns whole sentences for the account about the parts that
 * cannot be decoded. This takes as long as a quick encode, so that it is called only after an encode during which ffmpeg
 * complained.
 */
export async function findDamage(file: string, probe: Probe, options: ReadOptions): Promise<string[]> {
  const { video, audio } = probe;
  const notes: string[] = [];
  if (video) notes.push(...(await damageOf(file, { probe, stream: video, kind: 'picture' }, options)));
  if (audio) notes.push(...(await damageOf(file, { probe, stream: audio, kind: 'sound' }, options)));
  return notes;
}

interface Decoded {
  readonly probe: Probe;
  readonly stream: VideoStream | AudioStream;
  readonly kind: keyof typeof KINDS;
}

async function damageOf(
  file: string,
  { probe, stream, kind }: Decoded,
  { ffprobePath, signal, limits }: ReadOptions,
): Promise<string[]> {
  const latest = probe.beginsAt + probe.durationSeconds + MAX_BEHIND;
  const reader = new DecodedReader('sampleRate' in stream ? stream.sampleRate : null, latest);
  const args = [
    ...['-v', 'error', '-show_log', '16', '-of', 'compact', '-select_streams', String(stream.stream)],
    ...['-show_entries', DECODED_ENTRIES],
    // With more threads, complaints belong to another frame than the one that they follow.
    ...mediaInputArgs(file, { ...limits, threads: 1, depth: probe.depth ?? null }),
  ];
  const bounds = encodeBounds(limits, probe.durationSeconds);
  const end = await launcher.run(ffprobePath, args, { signal, bounds, onLine: reader.onLine });
  if (!outcomeOf(end).ok) return [];
  const { span } = stream;
  const inside = reader
    .parts(probe.beginsAt + span.end)
    .map(({ start, end }) => ({ start: start - probe.beginsAt, end: end - probe.beginsAt }))
    .filter((part) => part.end > span.start + ENDS && part.start < span.end - ENDS);
  return damageNotes(inside, span, kind);
}

/** Returns the note about damaged parts of a stream that lasts as long as `span`. */
export function damageNotes(parts: readonly Part[], span: Part, kind: keyof typeof KINDS): string[] {
  const total = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  if (parts.length === 0 || (kind === 'sound' && total < MIN_SOUND)) return [];
  const amount = total > (span.end - span.start) * MOST ? 'Most' : 'A part';
  return [`${amount} of the ${KINDS[kind]} can't be decoded: ${partsText(parts)}.`];
}
