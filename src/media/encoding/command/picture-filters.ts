import type { VideoRendition } from '../plan/rendition.ts';
import type { Timeline } from '../plan/timeline.ts';
import type { DecodedFrame } from '../source/decoded-frame.ts';
import {
  alphaFormat,
  type Chroma,
  overBlackFilters,
  readingOptions,
  TAGS,
  toBt709,
} from './colour-filters.ts';
import { type Box, fitFilters } from './shape-filters.ts';
import { pictureTimeFilters } from './time-filters.ts';

/**
 * Filter that makes two pictures of each interlaced frame, one of each of its fields. Frames that are not
 * interlaced stay as they are.
 */
const DEINTERLACE = 'yadif=mode=send_field:deint=interlaced';

/** Changes that are made to the pictures of a video, apart from their times. */
export interface PictureConversion {
  readonly frame: DecodedFrame;
  readonly deinterlace: boolean;
  /** Size of the finished picture in pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Returns ffmpeg's arguments for decoding a video. If the size of the pictures changes, the same filters go on, because
 * they fit each picture, and new filters would not know the times of the pictures before. If ffmpeg rotates the
 * pictures, it makes new filters, because those that rotate cannot go on.
 */
export function decodingArgs({ frame }: { readonly frame: DecodedFrame }): string[] {
  return [
    ...(frame.isTurned ? [] : ['-reinit_filter:v', '0']),
    ...(frame.isAskew ? ['-noautorotate'] : []),
    ...(frame.alphaDecoder ? ['-c:v', frame.alphaDecoder] : []),
  ];
}

/** Returns ffmpeg's filters for the picture of a quality, from the decoder to the encoder. */
export function pictureFilters(video: VideoRendition, timeline: Timeline): string {
  const converted = [...conversionFilters(video, 'yuv420p'), 'setsar=1'];
  return [...converted, ...pictureTimeFilters(video, timeline), TAGS].join(',');
}

/** Returns the filters that give pictures their size, and the colours of BT.709 with limited range. */
export function conversionFilters(
  { frame, deinterlace, width, height }: PictureConversion,
  chroma: Chroma,
): string[] {
  const { colour } = frame;
  const box: Box = { width, height, aspect: frame.aspect };
  // The filters for fields and for alpha need frames of one size, and those of the source's size are whole.
  const prepared = [
    ...(deinterlace ? deinterlaced(frame) : []),
    ...(colour.hasAlpha ? withoutAlpha(frame) : []),
  ];
  const from = colour.hasAlpha ? ({ ...colour, samples: 'rgb', hasAlpha: false } as const) : colour;
  const { options, filters } = toBt709(from, chroma);
  const [scale = '', pad = ''] = fitFilters(box, options);
  const [format = '', ...rest] = filters;
  return [...prepared, scale, format, pad, ...rest];
}

function deinterlaced(frame: DecodedFrame): string[] {
  const { unmarkedFields } = frame;
  const marked = unmarkedFields === null ? [] : [`setfield=${unmarkedFields}`];
  return [...fitFilters(evenBox(frame)), ...marked, DEINTERLACE];
}

function withoutAlpha(frame: DecodedFrame): string[] {
  const { colour } = frame;
  const [scale = '', pad = ''] = fitFilters(frame, readingOptions(colour));
  return [scale, `format=${alphaFormat(colour)}`, pad, ...overBlackFilters(colour)];
}

/** Returns a box of even size, because 4:2:0 pictures with an odd number of lines cannot be padded. */
function evenBox({ width, height, aspect }: DecodedFrame): Box {
  const even = (pixels: number) => Math.max(2, pixels - (pixels % 2));
  return { width: even(width), height: even(height), aspect };
}
