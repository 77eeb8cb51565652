/** Parts of ffmpeg's arguments that make the sources of many cases. */

export interface ClipOptions {
  /** Width and height; `64x48` by default. */
  readonly size?: string;
  /** Pictures a second; 25 by default. */
  readonly rate?: number | string;
  /** 2 by default. */
  readonly seconds?: number;
}

/** When the flash and the beep of a clip begin, in seconds. Both last an eighth of a second. */
export const FLASH_AT = 1;

/** Levels in dBFS of a clip's tone, and of its beep. */
export const TONE_DB = -23;

/**
 * Arguments for an input with a picture of four colours (red, green, blue, and grey below on the right) in BT.709. The
 * whole picture is white for an eighth of a second from `FLASH_AT`.
 */
export function picture({ size = '64x48', rate = 25, seconds = 2 }: ClipOptions = {}): string[] {
  const box = (x: number, y: number, colour: string) =>
    `drawbox=x=iw*${x}:y=ih*${y}:w=iw/2:h=ih/2:c=${colour}:t=fill`;
  const filters = [
    `color=c=0xff0000:s=${size}:r=${rate}:d=${seconds}`,
    'format=gbrp',
    ...[box(0.5, 0, '0x00ff00'), box(0, 0.5, '0x0000ff'), box(0.5, 0.5, '0x808080')],
    `drawbox=c=white:t=fill:enable='between(t,${FLASH_AT},${FLASH_AT + 0.124})'`,
    'scale=out_color_matrix=bt709:out_range=tv:flags=neighbor',
    'format=yuv420p',
    'setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv',
  ];
  return ['-f', 'lavfi', '-i', filters.join(',')];
}

/** The colours of `picture`, as a player shows them. */
export function coloursOfClip(within = 12, time = 0.5) {
  return [
    { at: [0.25, 0.25], is: [255, 0, 0], within, time },
    { at: [0.75, 0.25], is: [0, 255, 0], within, time },
    { at: [0.25, 0.75], is: [0, 0, 255], within, time },
    { at: [0.75, 0.75], is: [128, 128, 128], within, time },
  ] as const;
}

/** Arguments for an input with a test picture in which something moves in every picture. */
export function movingPicture({ size = '64x48', rate = 25, seconds = 2 }: ClipOptions = {}): string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`];
}

/** Arguments for an input whose pictures are each of another grey. */
export function changingPicture({ size = '64x48', rate = 25, seconds = 2 }: ClipOptions = {}): string[] {
  const grey = "geq=lum='32+mod(N*67,192)':cb=128:cr=128";
  return ['-f', 'lavfi', '-i', `nullsrc=s=${size}:r=${rate}:d=${seconds},format=yuv420p,${grey}`];
}

/**
 * Arguments for an input with a tone of `TONE_DB` in each of `channels`, and a beep of full level for an eighth of a
 * second from `FLASH_AT`.
 */
export function tone({ seconds = 2, channels = 2, rate = 48_000 } = {}): string[] {
  const beep = `gte(t,${FLASH_AT})*lt(t,${FLASH_AT + 0.125})`;
  const one = `(0.1+0.9*${beep})*sin(2*PI*440*t)`;
  const exprs = Array.from({ length: channels }, () => one).join('|');
  return ['-f', 'lavfi', '-i', `aevalsrc=exprs='${exprs}':d=${seconds}:s=${rate}`];
}

/** Arguments for the fastest H.264. */
export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18'];

/** Expectation for the sound of `tone`. */
export const SOUND_OF_CLIP = {
  beep: FLASH_AT,
  levels: [{ from: 0.2, to: 0.8, dB: [TONE_DB, TONE_DB] }],
} as const;

/** Expectation for the picture of `picture`, if its encoder keeps the colours and their tags. */
export const PICTURE_OF_CLIP = { size: '64x48', rate: 25, flash: FLASH_AT, colours: coloursOfClip() };

/** Returns the expectation with tolerant colours, for encoders that lose the tags, or much of the colours. */
export function roughly<P extends { readonly colours: readonly object[] }>(picture: P): P {
  return { ...picture, colours: picture.colours.map((colour) => ({ ...colour, within: 45 })) };
}
