import type { FfmpegCapabilities } from '../ffmpeg/capabilities.ts';
import type { DecodedFrame } from '../source/decoded-frame.ts';
import type { Probe } from '../source/probe-report.ts';

/**
 * Returns the facts about a file as far as a build of ffmpeg can make use of them: without alpha that only a missing
 * decoder decodes, and with a table for light if the filter `zscale` is missing.
 */
export function decodableBy({ lacks }: FfmpegCapabilities, probe: Probe): Probe {
  const { video } = probe;
  return video ? { ...probe, video: { ...video, frame: decodableFrame(lacks, video.frame) } } : probe;
}

function decodableFrame(lacks: FfmpegCapabilities['lacks'], frame: DecodedFrame): DecodedFrame {
  const { colour, alphaDecoder } = frame;
  const isAlphaLost = alphaDecoder !== null && lacks('decoder', alphaDecoder);
  const isTabled = colour.isTabled || (colour.transfer !== 'sdr' && lacks('filter', 'zscale'));
  return {
    ...frame,
    alphaDecoder: isAlphaLost ? null : alphaDecoder,
    colour: { ...colour, isTabled, hasAlpha: colour.hasAlpha && !isAlphaLost },
  };
}
