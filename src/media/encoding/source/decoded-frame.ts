import { colourOf, type ReportedColour, type SourceColour } from './colour.ts';

/** Order in which the two fields of an interlaced frame are shown: top field first, or bottom field first. */
export type FieldOrder = 'tff' | 'bff';

/** Pictures of a video as ffmpeg delivers them: decoded, and rotated as the file says. */
export interface DecodedFrame {
  /** Width in pixels, which are not square in every file. The same is true of `height`. */
  readonly width: number;
  readonly height: number;
  /** Displayed width divided by displayed height. */
  readonly aspect: number;
  /** Whether the file says that players turn or mirror the picture. */
  readonly isTurned: boolean;
  /** Whether the file says to turn the picture by an angle at which no player shows it. Left out: it does not. */
  readonly isAskew?: true;
  /**
   * Decoder that decodes alpha which lies beside the picture. ffmpeg's own decoders leave such alpha out. `null`:
   * ffmpeg chooses the decoder.
   */
  readonly alphaDecoder: string | null;
  /** Order of the fields as ffprobe names it; `unknown`: the file says nothing. */
  readonly declaredFields: string;
  /** Order of the fields of frames that are interlaced and do not say so; `null`: the frames say it. */
  readonly unmarkedFields: FieldOrder | null;
  /** Whether the picture is in Dolby Vision without a base layer in common colours (profile 5). */
  readonly isDolbyVisionAlone: boolean;
  readonly colour: SourceColour;
}

/** Decoders of codecs whose alpha lies beside the picture in WebM. */
const ALPHA_DECODERS: Readonly<Record<string, string>> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

/** Fields of ffprobe's report about the frames of a stream. Any of them can be missing. */
export interface ReportedFrame extends ReportedColour {
  readonly width?: number;
  readonly field_order?: string;
  readonly side_data_list?: readonly { readonly rotation?: number; readonly dv_profile?: number }[];
  readonly tags?: { readonly alpha_mode?: string };
}

/**
 * Returns what is known of the decoded frames of a stream. `displayed` is the size at which players show them.
 */
export function decodedFrameOf(
  stream: ReportedFrame,
  displayed: { readonly width: number; readonly height: number },
  rotation: number | undefined,
): DecodedFrame {
  const { width = 1, height = 1 } = stream;
  const isDolbyVisionAlone = stream.side_data_list?.some((data) => data.dv_profile === 5) ?? false;
  // The brightness of such a picture is nearly that of PQ.
  const colour = colourOf(isDolbyVisionAlone ? { ...stream, color_transfer: 'smpte2084' } : stream);
  const alphaDecoder = stream.tags?.alpha_mode === '1' ? ALPHA_DECODERS[stream.codec_name ?? ''] : undefined;
  return {
    ...(isSideways(rotation) ? { width: height, height: width } : { width, height }),
    aspect: displayed.width / displayed.height,
    isTurned: rotation !== undefined && !isAskew(rotation),
    ...(isAskew(rotation) ? { isAskew: true } : {}),
    alphaDecoder: alphaDecoder ?? null,
    declaredFields: stream.field_order ?? 'unknown',
    unmarkedFields: null,
    isDolbyVisionAlone,
    colour: alphaDecoder ? { ...colour, hasAlpha: true } : colour,
  };
}

/** Returns whether a rotation in degrees is not one of a quarter turn. Browsers ignore it, and ffmpeg cuts corners off. */
function isAskew(rotation = 0): boolean {
  return Math.round(rotation) % 90 !== 0;
}

/** Returns whether a rotation in degrees exchanges width and height. */
export function isSideways(rotation = 0): boolean {
  return Math.abs(Math.round(rotation) % 180) === 90;
}
