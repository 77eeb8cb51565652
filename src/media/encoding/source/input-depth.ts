import type { InputDepth } from '../ffmpeg/input-args.ts';
import type { FilePackets, FoundPackets } from './packet-times.ts';
import { isCover, isReadable, type ProbeReport } from './probe-report.ts';

/**
 * Maximum number of bytes that ffmpeg reads before it decides which streams a file has: a hundred times its
 * default. ffmpeg keeps all of them in memory.
 */
export const MAX_DEPTH_BYTES = 500_000_000;
/** Bytes and seconds that are read of a stream to learn its properties: the defaults of ffmpeg. */
const STREAM_BYTES = 5_000_000;
const STREAM_SECONDS = 10;

/**
 * Returns how far ffmpeg must read into a file to know all its streams; `null`: it knows them, or can't learn
 * more. Streams can begin late: a camera that was switched on in the middle of a call, or a recording that
 * begins long before its first key frame. ffmpeg then lists the stream without a size, or does not list it.
 */
export function neededDepth(report: ProbeReport, { times }: Pick<FilePackets, 'times'>): InputDepth | null {
  const streams = new Map((report.streams ?? []).map((stream) => [stream.index, stream]));
  const unread = [...times].filter(([index]) => {
    const stream = streams.get(index);
    return !stream || (stream.codec_name !== undefined && !isCover(stream) && !isReadable(stream));
  });
  const first = Math.min(...[...times.values()].map(({ start, undecodable }) => start - undecodable));
  const depths = unread.map(([, packets]) => depthOf(packets, first));
  const within = depths.filter(({ bytes }) => bytes <= MAX_DEPTH_BYTES);
  if (within.length === 0) return null;
  return {
    bytes: Math.max(...within.map(({ bytes }) => bytes)),
    seconds: Math.max(...within.map(({ seconds }) => seconds)),
  };
}

function depthOf({ position, start }: FoundPackets, first: number): InputDepth {
  const bytes = position === null ? MAX_DEPTH_BYTES : position + STREAM_BYTES;
  return { bytes, seconds: Math.max(0, start - first) + STREAM_SECONDS };
}
