import { endOfIsoFile, endOfMatroska, endOfRiff } from './boxed-files.ts';
import { FileWindow } from './file-window.ts';
import { endOfFlv, endOfGif, endOfOgg, endOfProgramStream, endOfTransportStream } from './packet-files.ts';
import { endOfAiff, endOfAsf, endOfCaf, endOfWave64 } from './sized-files.ts';

/**
 * Bytes that must be missing before a file counts as cut off. Some programs count padding that they do not write.
 */
const MIN_MISSING_BYTES = 16;

/**
 * Returns where a structure ends that begins before the end of the file, in bytes from the beginning; `null`: the file
 * does not say it, or nothing follows from it.
 */
export type FindEnd = (file: FileWindow) => Promise<number | null>;

/** Functions by the beginning of the files that they know. */
const KNOWN: readonly (readonly [begins: (head: Buffer) => boolean, find: FindEnd])[] = [
  [(head) => head.toString('latin1', 0, 4) === 'RIFF', endOfRiff],
  [(head) => head.toString('latin1', 0, 4) === 'FORM' && head.toString('latin1', 8, 11) === 'AIF', endOfAiff],
  [(head) => head.toString('latin1', 0, 4) === 'caff', endOfCaf],
  [(head) => head.toString('latin1', 0, 4) === 'riff', endOfWave64],
  [(head) => head.toString('latin1', 0, 4) === 'OggS', endOfOgg],
  [(head) => head.toString('latin1', 0, 3) === 'FLV', endOfFlv],
  [(head) => head.toString('latin1', 0, 3) === 'GIF', endOfGif],
  [(head) => head.toString('hex', 0, 4) === '1a45dfa3', endOfMatroska],
  [(head) => head.toString('hex', 0, 4) === '3026b275', endOfAsf],
  [(head) => head.toString('hex', 0, 4) === '000001ba', endOfProgramStream],
  [
    (head) => /^(?:ftyp|styp|moov|mdat|moof|free|skip|wide|pnot)$/.test(head.toString('latin1', 4, 8)),
    endOfIsoFile,
  ],
  [(head) => head[0] === 0x47 || head[4] === 0x47, endOfTransportStream],
];

/**
 * Returns where a file that was cut off should end, in bytes. `null`: the file was not cut off, or its format does not show
 * it. Files that were written to a pipe state no size, or the largest one.
 */
export async function statedEnd(path: string): Promise<number | null> {
  return FileWindow.over(path, async (file) => {
    const head = Buffer.from(await file.read(0, 16));
    if (head.length < 16) return null;
    const find = KNOWN.find(([begins]) => begins(head))?.[1];
    const end = (await find?.(file)) ?? null;
    return end !== null && end - file.size >= MIN_MISSING_BYTES ? end : null;
  });
}
