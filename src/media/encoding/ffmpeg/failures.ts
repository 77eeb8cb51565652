import { isExhausted, isNoSpace } from '../../../platform/system-errors.ts';
import type { ChildEnd } from './child-process.ts';

/**
 * Why nothing came of it:
 * - `failed`: the file's fault; trying again ends the same way.
 * - `no-space`: the disk is full; it may work once there is room.
 * - `exhausted`: too many files are open, or processes run; it works once some have ended.
 * - `killed`: something outside ended the encoder (shutdown, want of memory); it may work another time.
 * - `aborted`: the caller's signal.
 */
export type FailureKind = 'failed' | 'no-space' | 'exhausted' | 'killed' | 'aborted';

export interface Failure {
  readonly ok: false;
  readonly kind: FailureKind;
  /** For people: no paths of this machine, no addresses, one sentence. */
  readonly reason: string;
}

export type Outcome = { readonly ok: true } | Failure;

/** Signals with which a program dies of its own error; on a hostile file that is the file's doing. */
const CRASHES: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'];

/** ffmpeg's exit code after a signal that it caught, as when systemd stops the whole service. */
const EXIT_AFTER_SIGNAL = 255;

const MAX_REASON_LENGTH = 300;

const NO_SPACE = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/;
/** libavutil's words, x264's and x265's, and the C++ library's. */
const NO_MEMORY = /Cannot allocate memory|malloc of size \d+ failed|bad_alloc/;
/** What else ffmpeg says where an encoder that is short of memory takes no more. */
const ENCODER_GAVE_UP = /Error submitting video frame to the encoder/;
/** The kernel's signal for a file beyond its limit. */
const FILE_TOO_LARGE = 'SIGXFSZ';
const TOO_MANY_PIXELS = /Picture size (\d+)x(\d+) exceeds specified max pixel count (\d+)/;
const NOT_MEDIA =
  /Invalid data found when processing input|moov atom not found|Input\/output error|End of file/;
/** ffmpeg, of a stream that was listed but gave no frame. */
const NO_FRAME = /Cannot determine format of input stream/;
const REFUSED = /not on whitelist/;
const CANNOT_DECODE = 'the picture or the sound of the file cannot be decoded';
const NOT_ACCEPTED = 'the file is damaged, or of a format that is not accepted';

/** What follows from something else, and explains nothing. */
const NOISE =
  /^(Conversion failed!|Last message repeated|Exiting|Error marking filters|Error while filtering)/;

export function failure(kind: FailureKind, reason: string): Failure {
  return { ok: false, kind, reason };
}

const ABORTED = failure('aborted', 'the encode was stopped');
export const DISK_FULL = failure('no-space', 'there is no room left on the disk for the encoded media');
const EXHAUSTED = failure('exhausted', 'too much is open on this machine at the moment');
const OVERDUE = failure('failed', 'the file takes more time to encode than it may');
const OUT_OF_MEMORY = failure('failed', 'the file takes more memory to encode than it may');
export const TOO_MUCH_OUTPUT = failure('failed', 'the encoded media takes more room than it may');
export const UNDECODABLE = failure('failed', CANNOT_DECODE);

/** How a run of ffmpeg or ffprobe ended. */
export function outcomeOf(end: ChildEnd): Outcome {
  if (end.aborted) return ABORTED;
  if (end.timedOut) return OVERDUE;
  if (end.exitCode === 0) return { ok: true };
  if (end.endSignal === FILE_TOO_LARGE) return TOO_MUCH_OUTPUT;
  const isShort = NO_MEMORY.test(end.stderr) || ENCODER_GAVE_UP.test(end.stderr);
  if (end.memoryBounded && isShort) return OUT_OF_MEMORY;
  if (end.endSignal !== null && CRASHES.includes(end.endSignal)) {
    return failure('failed', `the encoder crashed on this file (${end.endSignal})`);
  }
  if (end.endSignal !== null || end.exitCode === EXIT_AFTER_SIGNAL) {
    return failure('killed', `the encoder was stopped from outside (${end.endSignal ?? 'a signal'})`);
  }
  if (NO_SPACE.test(end.stderr)) return DISK_FULL;
  if (NO_MEMORY.test(end.stderr)) return failure('killed', 'there was not enough memory to encode the media');
  return failure('failed', reasonIn(end.stderr));
}

/** The same for an exception of the file system, or of a program's start; anything else is a defect, and is thrown on. */
export function outcomeOfError(error: unknown): Failure {
  if (isNoSpace(error)) return DISK_FULL;
  if (isExhausted(error)) return EXHAUSTED;
  throw error;
}

/** The last line of ffmpeg's stderr that tells something, made fit for people. */
export function reasonIn(stderr: string): string {
  if (REFUSED.test(stderr)) return NOT_ACCEPTED;
  const tooLarge = tooLargePictureIn(stderr);
  if (tooLarge !== null) return tooLarge;
  const line = stderr
    .split(/[\r\n]+/)
    .map(meaning)
    .findLast((text) => text !== '' && !NOISE.test(text));
  if (line === undefined) return 'the encoder gave up on the file without saying why';
  if (NO_FRAME.test(line)) return CANNOT_DECODE;
  if (NOT_MEDIA.test(line)) return NOT_ACCEPTED;
  return `the file could not be encoded: ${line}`.slice(0, MAX_REASON_LENGTH);
}

/** What is said of a picture that no decoder was let make; null where stderr tells of none. */
export function tooLargePictureIn(stderr: string): string | null {
  const [, width, height, most] = TOO_MANY_PIXELS.exec(stderr) ?? [];
  if (width === undefined) return null;
  return `the picture is ${width}×${height} pixels large; at most ${most} pixels are taken`;
}

/** Without `[libx264 @ 0x55…]` prefixes, control characters and paths. */
function meaning(line: string): string {
  return line
    .replaceAll(/\[[^\]]* @ 0x[0-9a-f]+\]\s*/g, '')
    .replaceAll(/\p{Cc}/gu, ' ')
    .replaceAll(/(?:file:)?(?<![\w.])\/[^\s:'",]+/g, 'the file')
    .replace(/^the file: /, '')
    .trim();
}
