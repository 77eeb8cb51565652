import type { Media } from '../../../domain/media.ts';
import type { Probe } from '../source/probe-report.ts';
import { fitsTransportStream } from './segment-format.ts';
import { mixOf } from './sound-mix.ts';
import { encodedFrameRate } from './timeline.ts';

/** Maximum number of notes of a media. A hostile file could have something to note about each of its streams. */
const MAX_NOTES = 20;
/** Maximum number of UTF-16 code units of a note. */
const MAX_NOTE_LENGTH = 400;

/** Wishes of the account on which notes depend. */
export type NotesRequest = Pick<Media, 'type' | 'qualities'>;

/**
 * Returns the notes of a media: what was found in the file, and then what was decided. Each note is a whole
 * sentence for the account.
 */
export function notesOf(probe: Probe, request: NotesRequest): string[] {
  const notes = new Set([...probe.notes, ...planNotes(probe, request)]);
  return [...notes].slice(0, MAX_NOTES).map((note) => note.slice(0, MAX_NOTE_LENGTH));
}

/** Returns the notes about what of the file is left out or changed because of what was requested. */
export function planNotes(probe: Probe, request: NotesRequest): string[] {
  const noted = [...typeNotes(probe, request), ...containerNotes(probe, request), ...soundNotes(probe)];
  return [...noted, ...colourNotes(probe, request)];
}

function colourNotes({ video }: Probe, { type }: NotesRequest): string[] {
  if (type !== 'video' || !video) return [];
  const { colour, isDolbyVisionAlone } = video.frame;
  if (isDolbyVisionAlone) {
    return [
      'The picture is in Dolby Vision without a base layer for other players, so that its colours cannot be shown as they were meant.',
    ];
  }
  if (colour.transfer !== 'pq' && colour.transfer !== 'hlg') return [];
  const kind = colour.transfer === 'pq' ? 'HDR (PQ)' : 'HDR (HLG)';
  return [
    `The picture is in ${kind}; it was converted to standard dynamic range (BT.709), which every player shows.`,
  ];
}

function containerNotes({ video, durationSeconds }: Probe, { type, qualities }: NotesRequest): string[] {
  const asked = qualities.some((quality) => quality.type === 'hls' && quality.containerType === 'mpegts');
  if (type !== 'video' || !video || !asked) return [];
  if (fitsTransportStream(encodedFrameRate(video.frameRate), durationSeconds)) return [];
  return [
    'The segments of HLS are in fragmented MP4 and not in transport streams, because players do not play transport streams of so few pictures.',
  ];
}

function soundNotes({ audio }: Probe): string[] {
  const note = audio && mixOf(audio).note;
  return note ? [note] : [];
}

function typeNotes({ video, undecodable }: Probe, { type }: NotesRequest): string[] {
  if (type === 'video' && !video && !undecodable) {
    return [
      'The media was created as a video, but no picture was found in the file; the media is sound alone.',
    ];
  }
  if (type === 'audio' && video) {
    return ['The picture of the file was left out, because the media was created as audio.'];
  }
  return [];
}
