import type { FilePackets, Gap } from './packet-times.ts';
import {
  canBeJoined,
  isCover,
  isReadable,
  type Probe,
  type ProbeReport,
  type ReportedStream,
} from './probe-report.ts';
import { partsText, secondsText as seconds } from './wording/parts-text.ts';

/**
 * Containers whose stated duration was written by the program that made the file. Of other files, ffprobe finds
 * or estimates the duration itself.
 */
const STATING_FORMATS = [
  'mov',
  'matroska',
  'avi',
  'flv',
  'asf',
  'wav',
  'w64',
  'flac',
  'caf',
  'au',
  'ape',
  'tta',
  'aiff',
  'mxf',
];

/** Seconds, and part of the stated duration, by which a file may be shorter or longer than it states. */
const MIN_DEVIATION_SECONDS = 0.5;
const MIN_DEVIATION = 0.02;
/** Seconds of an undecodable beginning that nobody notices. */
const MIN_UNDECODABLE = 0.1;

/** Names of what streams hold, by their type. */
const KINDS: Record<string, string> = { video: 'picture', audio: 'sound' };

interface Source {
  readonly report: ProbeReport;
  readonly packets: FilePackets;
  /** Where a file that was cut off should end, in bytes; `null`: it does not show that it was cut off. */
  readonly statedEnd: number | null;
}

/** Returns whole sentences for the account about what is wrong with a file, or was left out of it. */
export function sourceNotes(source: Source, found: Probe): string[] {
  return [
    ...(source.report.streams ?? []).flatMap((stream) => streamNotes(stream, source.packets, found)),
    ...beginningNotes(source.packets, found),
    ...jumpNotes(source, found),
    ...paceNotes(source, found),
    ...lossNotes(source.packets, found),
    ...endNotes(source, found),
  ];
}

function streamNotes(stream: ReportedStream, { times }: FilePackets, found: Probe): string[] {
  const kind = KINDS[stream.codec_type ?? ''];
  if (kind === undefined || isCover(stream)) return [];
  const used = [found.video?.stream, found.audio?.stream, found.audio?.right];
  if (used.includes(stream.index)) return [];
  const name = `${stream.index + 1}`;
  if (found.undecodable?.includes(stream.index)) {
    const shown = found.video && `that of track ${found.video.stream + 1} is shown instead`;
    return [`The ${kind} of track ${name} can't be decoded; ${shown ?? 'the media is sound alone'}.`];
  }
  const packets = times.get(stream.index);
  if (!packets) {
    const rest = kind === 'sound' ? found.audio : found.video;
    const left = rest ? 'it was left out' : `the media has no ${kind}`;
    return [`The file declares a ${kind} track that holds no ${kind}; ${left}.`];
  }
  if (stream.codec_name === undefined) {
    return [`The ${kind} of track ${name} is of a kind that can't be decoded; it was left out.`];
  }
  if (!isReadable(stream)) {
    return [
      `The ${kind} of track ${name} (${stream.codec_name}) could not be read, although it has ${packets.count} packets; it was left out.`,
    ];
  }
  return [`The file has more than one ${kind}; that of track ${name} was left out.`];
}

function beginningNotes({ times }: FilePackets, { video }: Probe): string[] {
  const undecodable = video ? (times.get(video.stream)?.undecodable ?? 0) : 0;
  if (undecodable < MIN_UNDECODABLE) return [];
  return [
    `The first ${seconds(undecodable)} of the picture can't be decoded, because the file begins between two key frames.`,
  ];
}

function jumpNotes({ packets, report }: Source, found: Probe): string[] {
  const used = [found.video?.stream, found.audio?.stream];
  const jump = packets.jumps.find(({ stream }) => used.includes(stream));
  if (!jump) return [];
  const at = seconds(Math.max(0, jump.from - (Number(report.format?.start_time) || 0)));
  if (canBeJoined(report)) {
    return [`The times in the file jump after ${at}; its parts are played one after the other.`];
  }
  if (jump.isStray) {
    return [
      `The time of a piece after ${at} is wrong; it was left out, and the rest plays as its times say.`,
    ];
  }
  const by = seconds(Math.abs(jump.to - jump.from));
  if (jump.to > jump.from) {
    return [
      `The times in the file jump ahead by ${by} after ${at}; nothing new is shown or heard meanwhile.`,
    ];
  }
  return [
    `The times in the file go back by ${by} after ${at}; a time that was played before is not played again.`,
  ];
}

/** Codecs of sound of which each packet has the same number of samples. */
const STEADY_CODECS = ['aac', 'mp2', 'mp3', 'ac3', 'eac3'];

/** Beginning of the note about a sound whose packets show that its sample rate changes. */
export const PACE_NOTE = 'The sample rate of the sound changes';

function paceNotes({ packets, report }: Source, { audio }: Probe): string[] {
  const at = audio && packets.times.get(audio.stream)?.paceChangesAt;
  if (typeof at !== 'number' || !STEADY_CODECS.includes(audio?.codec ?? '')) return [];
  const after = seconds(Math.max(0, at - (Number(report.format?.start_time) || 0)));
  const when = canBeJoined(report) ? 'in the middle' : `after about ${after}`;
  return [`${PACE_NOTE} ${when}; all of it is converted to one rate.`];
}

/** Returns the note about a picture that has several sizes. */
export function sizeNotes([first, ...others]: readonly string[]): string[] {
  if (first === undefined || others.length === 0) return [];
  return [
    `The size of the picture changes from ${first} to ${others.join(', ')}; all of it is fitted into one size.`,
  ];
}

/** Seconds by which a gap of the sound may be before or after that of the picture, which is stored elsewhere. */
const APART = 1;

/** Returns the note about parts of a file that hold nothing. A gap of one stream alone is a pause. */
function lossNotes({ times, isDamaged }: FilePackets, { video, audio, beginsAt }: Probe): string[] {
  const gapsOf = (stream: number | undefined) =>
    stream === undefined ? [] : (times.get(stream)?.gaps ?? []);
  const [shown, heard] = [gapsOf(video?.stream), gapsOf(audio?.stream)];
  const isNear = (a: Gap, b: Gap) => a.start < b.end + APART && b.start < a.end + APART;
  const common = shown.flatMap((gap) => {
    const beside = heard.find((other) => isNear(gap, other));
    return beside ? [{ start: Math.min(gap.start, beside.start), end: Math.max(gap.end, beside.end) }] : [];
  });
  const gaps = common.length > 0 || !isDamaged ? common : [...shown, ...heard];
  if (gaps.length === 0) return [];
  const parts = gaps.map(({ start, end }) => ({ start: start - beginsAt, end: end - beginsAt }));
  return [`The file holds nothing that can be played ${partsText(parts)}.`];
}

/** Returns the note about a file that does not end where it should. */
function endNotes({ report, statedEnd }: Source, found: Probe): string[] {
  const notes = durationNotes(report, found);
  if (notes.length > 0 || statedEnd === null) return notes;
  const missing = statedEnd - Number(report.format?.size ?? statedEnd);
  return [
    `The file was cut off: it ends after ${seconds(found.durationSeconds)}, and at least ${missing} bytes of it are missing.`,
  ];
}

function durationNotes({ format }: ProbeReport, found: Probe): string[] {
  const stated = Number(format?.duration);
  if (!(stated > 0) || !isStated(format)) return [];
  const played = found.beginsAt + found.durationSeconds;
  // Some containers count the duration from 0, and others from the start of the file.
  const ends = [played, played - (Number(format?.start_time) || 0)];
  const end = ends.toSorted((a, b) => Math.abs(a - stated) - Math.abs(b - stated))[0] ?? played;
  const most = Math.max(MIN_DEVIATION_SECONDS, stated * MIN_DEVIATION);
  if (end < stated - most) {
    return [
      `The file ends after ${seconds(end)} of the ${seconds(stated)} that it states; the rest is missing, or the statement is wrong.`,
    ];
  }
  if (end > stated + most)
    return [`The file lasts ${seconds(end)}, and not ${seconds(stated)} as it states.`];
  return [];
}

function isStated(format: ProbeReport['format']): boolean {
  const names = format?.format_name?.split(',') ?? [];
  // The header of an MP3 that states its duration states its beginning, too.
  if (names.includes('mp3')) return Number(format?.start_time) > 0;
  return names.some((name) => STATING_FORMATS.includes(name));
}
