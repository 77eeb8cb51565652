import { isDiskFailure, isExhausted, isNoSpace } from '../../../platform/system-errors.ts';
import type { ChildEnd } from './child-process.ts';
import { missingComponentIn } from './missing-component.ts';

/**
 * Kind of a failure, which decides whether a retry makes sense:
 * - `failed`: the file is the cause; a retry would fail in the same way.
 * - `no-space`: the disk is full; a retry can succeed once there is room.
 * - `exhausted`: too many files are open, too many processes run, or there is no memory for another process; a
 *   retry can succeed once some have ended.
 * - `refused`: the database, or the disk of the media, fails at present; a retry can succeed once it works.
 * - `killed`: something other than this service ended the encoder (shutdown, too little memory); a retry can
 *   succeed.
 * - `aborted`: the caller's signal was aborted.
 */
export type FailureKind = 'failed' | 'no-space' | 'exhausted' | 'refused' | 'killed' | 'aborted';

export interface Failure {
  readonly ok: false;
  readonly kind: FailureKind;
  /** Explanation for the account, without paths and addresses of this machine. */
  readonly reason: string;
}

export type Outcome = { readonly ok: true } | Failure;

/**
 * Signals that end a program because of an error in the program itself. A hostile file can cause such an
 * error on purpose, so the outcome is `failed`.
 */
const CRASHES: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'];

/**
 * Exit code of ffmpeg if it ended because of a signal that it caught, for example when systemd stops the
 * whole service.
 */
const EXIT_AFTER_SIGNAL = 255;

const MAX_REASON_LENGTH = 300;

const NO_SPACE = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/;
/** Messages that libavutil, x264, x265 and the C++ library write when an allocation of memory fails. */
const NO_MEMORY = /(?:Cannot|Unable to) allocate memory|malloc of size \d+ failed|bad_alloc/;
/** Ends of messages of ffmpeg, or of the system's loader, if no more files can be opened. */
const TOO_MANY_FILES = /: (?:Too many open files(?: in system)?|Error 2[34])\s*$/m;
/**
 * End of messages of ffmpeg if no more threads or processes can be started. Some decoders write it for damaged
 * files, too, so that the number of retries must be limited.
 */
const TRY_AGAIN = /: Resource temporarily unavailable\s*$/m;
/**
 * Message that ffmpeg writes when an encoder accepts no more frames, because the encoder has too little
 * memory.
 */
const ENCODER_GAVE_UP = /Error submitting video frame to the encoder/;
/** Signal that the kernel sends to a process that writes a file larger than the limit of the process. */
const FILE_TOO_LARGE = 'SIGXFSZ';
const TOO_MANY_PIXELS = /Picture size (\d+)x(\d+) exceeds specified max pixel count (\d+)/;
const NOT_MEDIA =
  /Invalid data found when processing input|moov atom not found|Input\/output error|End of file/;
/** Message that ffmpeg writes when a file lists a stream, but ffmpeg found no frame of that stream. */
const NO_FRAME = /Cannot determine format of input stream/;
const REFUSED = /not on whitelist/;
/** Message that ffmpeg writes when filters get sound of another sample rate, format or layout than before. */
const SOUND_CHANGED = /Changing audio frame properties on the fly is not supported/;
const CANNOT_DECODE = 'the picture or the sound of the file cannot be decoded';
const NOT_ACCEPTED = 'the file is damaged, or of a format that is not accepted';

/** Beginnings of messages that ffmpeg writes after another error, and that do not explain that error. */
const NOISE =
  /^(Conversion failed!|Last message repeated|Exiting|Error marking filters|Error while filtering|Error while processing the decoded data|Failed to inject frame|Error reinitializing filters|Failed to configure (?:in|out)put pad|Nothing was written|Task finished with error|Terminating thread|Error sending frames to consumers)/;
/** Beginnings of messages about sound: the parts of ffmpeg that write them. */
const ABOUT_SOUND =
  /^\[(?:auto_aresample|SWR|Parsed_(?:aresample|aformat|apad|atrim|asetpts|pan|alimiter|join)|aac|aist|af#)/;

export function failure(kind: FailureKind, reason: string): Failure {
  return { ok: false, kind, reason };
}

const ABORTED = failure('aborted', 'encoding was stopped');
export const DISK_FULL = failure('no-space', 'the disk has no room for the encoded media');
const EXHAUSTED = failure('exhausted', 'too many files or processes are open on the server at the moment');
const DISK_FAILS = failure('refused', "the server's disk cannot be read or written at the moment");
const OVERDUE = failure('failed', 'encoding the file takes longer than the limit');
const OUT_OF_MEMORY = failure('failed', 'encoding the file takes more memory than the limit');
export const TOO_MUCH_OUTPUT = failure('failed', 'the encoded media is larger than the limit');
/** The sample rate or the layout of a sound changes, with which an encode does not go on. */
export const SOUND_CHANGES = failure('failed', 'the sound of the file changes its form midway');
export const UNDECODABLE = failure('failed', CANNOT_DECODE);

/** Returns the outcome of a run of ffmpeg or ffprobe. */
export function outcomeOf(end: ChildEnd): Outcome {
  if (end.aborted) return ABORTED;
  if (end.timedOut) return OVERDUE;
  if (end.exitCode === 0) return { ok: true };
  if (end.endSignal === FILE_TOO_LARGE) return TOO_MUCH_OUTPUT;
  const lacksMemory = NO_MEMORY.test(end.stderr) || ENCODER_GAVE_UP.test(end.stderr);
  if (end.memoryBounded && lacksMemory) return OUT_OF_MEMORY;
  if (end.endSignal !== null && CRASHES.includes(end.endSignal)) {
    return failure('failed', `the encoder crashed on this file (${end.endSignal})`);
  }
  if (end.endSignal !== null || end.exitCode === EXIT_AFTER_SIGNAL) {
    return failure('killed', `the encoder was killed from outside (${end.endSignal ?? 'a signal'})`);
  }
  if (NO_SPACE.test(end.stderr)) return DISK_FULL;
  if (TOO_MANY_FILES.test(end.stderr)) return EXHAUSTED;
  if (TRY_AGAIN.test(end.stderr))
    return failure('killed', 'the server could not start another thread or process to encode the media');
  if (NO_MEMORY.test(end.stderr))
    return failure('killed', 'the server had too little memory to encode the media');
  return SOUND_CHANGED.test(end.stderr) ? SOUND_CHANGES : failure('failed', reasonIn(end.stderr));
}

/**
 * Returns the failure for an error that means a full or failing disk, or too many open files or processes.
 * Throws any other error again, because such an error is a defect.
 */
export function outcomeOfError(error: unknown): Failure {
  if (isNoSpace(error)) return DISK_FULL;
  if (isExhausted(error)) return EXHAUSTED;
  if (isDiskFailure(error)) return DISK_FAILS;
  throw error;
}

/**
 * Returns the reason of a failure, as a sentence that is shown to the account. The sentence quotes the last
 * line of ffmpeg's stderr that explains the failure. For common causes, the sentence is fixed and quotes
 * nothing.
 */
export function reasonIn(stderr: string): string {
  if (REFUSED.test(stderr)) return NOT_ACCEPTED;
  const known = tooLargePictureIn(stderr) ?? missingComponentIn(stderr);
  if (known !== null) return known;
  const written = stderr
    .split(/[\r\n]+/)
    .findLast((text) => meaning(text) !== '' && !NOISE.test(meaning(text)));
  if (written === undefined) return 'the encoder failed on the file without a message';
  const line = meaning(written);
  if (NO_FRAME.test(line)) return CANNOT_DECODE;
  if (NOT_MEDIA.test(line)) return NOT_ACCEPTED;
  const what = ABOUT_SOUND.test(written) ? 'the sound of the file' : 'the file';
  return `${what} could not be encoded: ${line}`.slice(0, MAX_REASON_LENGTH).toWellFormed();
}

/** Returns the reason if stderr says that a picture has too many pixels to be decoded; otherwise `null`. */
export function tooLargePictureIn(stderr: string): string | null {
  const [, width, height, most] = TOO_MANY_PIXELS.exec(stderr) ?? [];
  if (width === undefined) return null;
  return `the picture is ${width}×${height} pixels large; at most ${most} pixels are accepted`;
}

/** Removes `[libx264 @ 0x55…]` prefixes, control characters and paths from a line of stderr. */
function meaning(line: string): string {
  return line
    .replaceAll(/\[[^\]]* @ 0x[0-9a-f]+\]\s*/g, '')
    .replaceAll(/\p{Cc}/gu, ' ')
    .replaceAll(/(?:file:)?(?<![\w.])\/[^\s:'",]+/g, 'the file')
    .replace(/^the file: /, '')
    .trim();
}
