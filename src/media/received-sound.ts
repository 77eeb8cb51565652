import { dirname } from 'node:path';
import type { MediaLimits } from '../domain/media-limits.ts';
import { type InputDepth, mediaInputArgs, partsInputArgs } from './encoding/ffmpeg/input-args.ts';
import { launcher } from './encoding/ffmpeg/launcher.ts';
import { probeBounds } from './encoding/ffmpeg/limits.ts';
import { isCover, type ProbeReport } from './encoding/source/probe-report.ts';
import { FairSlots } from './encoding/turns/fair-slots.ts';
import { partsDir, sourceFile } from './files/media-files.ts';
import type { UploadedFile } from './uploads/uploaded-file.ts';

/**
 * Maximum number of files that are looked at together, because a client waits for the answer. They have slots of their
 * own beside those of the encoders.
 */
const AT_ONCE = 2;
/** Milliseconds after which a file counts as one with a picture. Most take a tenth of a second. */
const MAX_MS = 5_000;
/** Maximum number of parts whose names are passed to ffprobe. The beginning of a file of more parts must be enough. */
const MAX_PARTS = 1_000;

/** Containers that do not list their streams at the beginning, so that a picture can begin later. */
const UNLISTED = ['mpegts', 'mpeg', 'flv'];
/** Bytes of such a file that are read. A longer one counts as one with a picture. */
const UNLISTED_DEPTH: InputDepth = { bytes: 67_108_864, seconds: 86_400 };

export interface ReceivedSoundOptions {
  readonly ffprobePath: string;
  readonly limits: MediaLimits;
}

/** Finds out whether received files hold sound alone, before they are put together from their parts. */
export class ReceivedSound {
  readonly #options: ReceivedSoundOptions;
  readonly #slots = new FairSlots({ count: AT_ONCE, perAccount: 1 });

  constructor(options: ReceivedSoundOptions) {
    this.#options = options;
  }

  /**
   * Returns whether the file of the media at `dir` holds sound and no picture. Returns false if that is not known: the
   * media is then a video until it is probed.
   */
  isSoundAlone(account: string, dir: string, file: UploadedFile): Promise<boolean> {
    const { signal } = new AbortController();
    return this.#slots.run({ account, priority: 0, signal }, async () => {
      const report = await this.#read(dir, file, null);
      if (!report || !hasSoundAlone(report)) return false;
      if (!UNLISTED.includes(report.format?.format_name ?? '')) return true;
      if (file.totalBytes > UNLISTED_DEPTH.bytes) return false;
      const whole = await this.#read(dir, file, UNLISTED_DEPTH);
      return whole !== null && hasSoundAlone(whole);
    });
  }

  /** Returns the streams of a file; `null`: they can't be read. */
  async #read(dir: string, file: UploadedFile, depth: InputDepth | null): Promise<ProbeReport | null> {
    const { ffprobePath, limits } = this.#options;
    const entries = 'format=format_name:stream=codec_type:stream_disposition=attached_pic,timed_thumbnails';
    const args = ['-v', 'error', '-of', 'json', '-show_entries', entries];
    let text = '';
    const end = await launcher
      .run(ffprobePath, [...args, ...inputArgs(dir, file, { ...limits, depth })], {
        signal: new AbortController().signal,
        // The names of parts are relative, so that the path of the data folder may have any characters.
        cwd: file.kind === 'parts' ? partsDir(dir) : dirname(sourceFile(dir)),
        onLine: (line) => {
          text += line;
        },
        bounds: { ...probeBounds(limits), timeMs: MAX_MS },
      })
      .catch(() => null);
    // Programs that can't be started are logged at the start of the service.
    if (end?.exitCode !== 0) return null;
    try {
      return JSON.parse(text) as ProbeReport;
    } catch {
      return null;
    }
  }
}

function inputArgs(
  dir: string,
  file: UploadedFile,
  limits: MediaLimits & { readonly depth: InputDepth | null },
): string[] {
  if (file.kind === 'assembled') return mediaInputArgs(sourceFile(dir), limits);
  return partsInputArgs(file.steps.slice(0, MAX_PARTS), limits);
}

function hasSoundAlone({ streams = [] }: ProbeReport): boolean {
  const isPicture = (stream: (typeof streams)[number]) => stream.codec_type === 'video' && !isCover(stream);
  return streams.some(({ codec_type: type }) => type === 'audio') && !streams.some(isPicture);
}
