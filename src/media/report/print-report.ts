import { parseArgs } from 'node:util';
import { MEDIA_TYPES } from '../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import { reportMedia } from './media-report.ts';

/** Program behind `script/media-report`. */

const USAGE = 'usage: script/media-report [--encode] [--type audio] [--ffmpeg PATH] [--ffprobe PATH] FILE\n';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    encode: { type: 'boolean', default: false },
    type: { type: 'string', default: 'video' },
    ffmpeg: { type: 'string', default: 'ffmpeg' },
    ffprobe: { type: 'string', default: 'ffprobe' },
  },
});
const [file] = positionals;
const type = MEDIA_TYPES.find((name) => name === values.type);
if (file === undefined || positionals.length > 1 || type === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const isAccepted = await reportMedia(
  file,
  {
    type,
    encode: values.encode,
    ffmpegPath: values.ffmpeg,
    ffprobePath: values.ffprobe,
    signal: new AbortController().signal,
    limits: DEFAULT_MEDIA_LIMITS,
  },
  (line) => process.stdout.write(`${line}\n`),
);
process.exitCode = isAccepted ? 0 : 1;
