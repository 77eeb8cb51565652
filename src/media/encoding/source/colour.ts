/** Colours for which the samples of a picture stand, in terms of ffmpeg's filters. */
export interface SourceColour {
  readonly samples: 'yuv' | 'rgb' | 'grey';
  readonly hasAlpha: boolean;
  /** Matrix between YUV and RGB, as ffmpeg's filter `scale` names it. Has no meaning for RGB. */
  readonly matrix: ColourMatrix;
  readonly range: 'limited' | 'full';
  readonly primaries: ColourPrimaries;
  readonly transfer: Transfer;
  /** Whether light is converted by a table of our own, and not by ffmpeg's filter `zscale`. */
  readonly isTabled: boolean;
}

export type ColourMatrix = 'bt709' | 'bt601' | 'fcc' | 'smpte240m' | 'bt2020';

/** Red, green and blue that the samples are made of, under ffmpeg's names; P3 is that of displays. */
export type ColourPrimaries = 'bt709' | 'bt470m' | 'bt470bg' | 'smpte170m' | 'film' | 'bt2020' | 'p3';

/**
 * Relation between samples and light. All transfer functions of standard dynamic range (`sdr`) count as one,
 * because televisions and browsers show them alike.
 */
export type Transfer = 'sdr' | 'linear' | 'pq' | 'hlg';

/** Fields of ffprobe's report about the colours of a stream. Any of them can be missing. */
export interface ReportedColour {
  readonly codec_name?: string;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
}

const RGB = /^(?:[ax0]?(?:rgb|bgr|gbr)|abgr|x2|pal8|bayer|mono|xyz)/;
const GREY = /^(?:gray|ya\d)/;
const ALPHA = /^(?:yuva|gbrap|rgba|bgra|argb|abgr|ya\d|pal8|ayuv|vuya)/;

const MATRICES: Readonly<Record<string, ColourMatrix>> = {
  bt709: 'bt709',
  fcc: 'fcc',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

const PRIMARIES: Readonly<Record<string, ColourPrimaries>> = {
  bt709: 'bt709',
  bt470m: 'bt470m',
  bt470bg: 'bt470bg',
  smpte170m: 'smpte170m',
  smpte240m: 'smpte170m',
  film: 'film',
  bt2020: 'bt2020',
  smpte431: 'p3',
  smpte432: 'p3',
  'jedec-p22': 'bt470bg',
  ebu3213: 'bt470bg',
};

const TRANSFERS: Readonly<Record<string, Transfer>> = {
  linear: 'linear',
  smpte2084: 'pq',
  'arib-std-b67': 'hlg',
};

/** Codecs whose standard names BT.601 for all sizes (RFC 6386, ISO 11172-2, ITU-T H.261 and H.263). */
const BT601_CODECS: readonly (string | undefined)[] = ['vp8', 'mpeg1video', 'h261', 'h263', 'h263p', 'flv1'];

/**
 * Codecs of television, whose standards name BT.601 for standard definition (IEC 61834, SMPTE 314M, DVD, DVB) and
 * BT.709 for what has more lines.
 */
const TELEVISION_CODECS: readonly (string | undefined)[] = ['dvvideo', 'mpeg2video'];
const STANDARD_DEFINITION_LINES = 576;

/** Codecs of video whose grey samples have the limited range unless the file says otherwise. */
const LIMITED_GREY_CODECS: readonly (string | undefined)[] = ['h264', 'hevc', 'vvc', 'av1', 'vp9', 'mpeg4'];

/**
 * Returns the colours of a stream. Where the file says nothing, YUV of any size is BT.709 with limited range,
 * which is how browsers show it, unless the standard of the codec says otherwise.
 */
export function colourOf(stream: ReportedColour): SourceColour {
  const format = stream.pix_fmt ?? '';
  const samples = RGB.test(format) ? 'rgb' : GREY.test(format) ? 'grey' : 'yuv';
  const transfer = TRANSFERS[stream.color_transfer ?? ''] ?? 'sdr';
  const stated = PRIMARIES[stream.color_primaries ?? ''];
  const isWide = stated === 'bt2020' || transfer === 'pq' || transfer === 'hlg';
  const matrix = MATRICES[stream.color_space ?? ''] ?? (isWide ? 'bt2020' : untaggedMatrix(stream));
  return {
    samples,
    hasAlpha: ALPHA.test(format),
    matrix,
    range: rangeOf(stream, samples),
    primaries: stated ?? (isWide || (samples === 'yuv' && matrix === 'bt2020') ? 'bt2020' : 'bt709'),
    transfer,
    // `zscale` applies the gamma of the display to each colour instead of to the luminance, so that skin is too red.
    isTabled: transfer === 'hlg',
  };
}

function untaggedMatrix({ codec_name: codec, height = 0 }: ReportedColour): ColourMatrix {
  const isStandardDefinition = height <= STANDARD_DEFINITION_LINES;
  if (BT601_CODECS.includes(codec)) return 'bt601';
  return TELEVISION_CODECS.includes(codec) && isStandardDefinition ? 'bt601' : 'bt709';
}

function rangeOf(stream: ReportedColour, samples: SourceColour['samples']): SourceColour['range'] {
  if (samples === 'rgb' || stream.color_range === 'pc') return 'full';
  if (stream.color_range === 'tv') return 'limited';
  if (samples === 'grey') return LIMITED_GREY_CODECS.includes(stream.codec_name) ? 'limited' : 'full';
  return stream.pix_fmt?.startsWith('yuvj') ? 'full' : 'limited';
}
