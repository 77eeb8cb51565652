import { KNEE, PEAK, REFERENCE_WHITE } from '../colour/light.ts';
import { COLOUR_TABLE, LIGHT_TABLE, SAMPLE_TABLE, type TabledColour } from '../colour/table.ts';
import type { ColourMatrix, ColourPrimaries, SourceColour } from '../source/colour.ts';

/** Chroma subsampling of the pictures while they are converted. */
export type Chroma = 'yuv420p' | 'yuv444p';

/** Names that the filter `colorspace` gives to the matrices of `scale`. */
const SPACES: Readonly<Record<ColourMatrix, string>> = {
  bt709: 'bt709',
  bt601: 'smpte170m',
  fcc: 'fcc',
  smpte240m: 'smpte240m',
  bt2020: 'bt2020nc',
};

/** Names that the filters `colorspace` and `zscale` give to primaries. */
const PRIMARIES: Readonly<Record<ColourPrimaries, string>> = {
  bt709: 'bt709',
  bt470m: 'bt470m',
  bt470bg: 'bt470bg',
  smpte170m: 'smpte170m',
  film: 'film',
  bt2020: 'bt2020',
  p3: 'smpte432',
};

const ZSCALE_TRANSFERS = { linear: 'linear', pq: 'smpte2084', hlg: 'arib-std-b67' } as const;

/** Tags of frames whose colours are those of BT.709. */
export const TAGS = 'setparams=range=limited:color_primaries=bt709:color_trc=bt709:colorspace=bt709';

/**
 * Returns the colours of the table in the file `COLOUR_TABLE` with which the light of a source is converted; `null`:
 * the conversion needs no table.
 */
export function tableOf(from: SourceColour): TabledColour | null {
  return from.isTabled ? from : null;
}

/** Returns the options with which the filter `scale` reads pictures of a source. */
export function readingOptions({ samples, matrix, range }: SourceColour): string[] {
  return samples === 'rgb' ? ['in_range=full'] : [`in_color_matrix=${matrix}`, `in_range=${range}`];
}

/**
 * Returns what follows the filter `scale`, with its options and the filters after it, so that the pictures have
 * the colours of BT.709 with limited range.
 */
export function toBt709(
  from: SourceColour,
  chroma: Chroma,
): { readonly options: readonly string[]; readonly filters: readonly string[] } {
  const writing = (matrix: ColourMatrix, format: string) => ({
    options: [...readingOptions(from), `out_color_matrix=${matrix}`, 'out_range=limited'],
    filters: [`format=${format}`],
  });
  if (from.transfer === 'sdr' && from.primaries === 'bt709') return writing('bt709', chroma);

  if (from.isTabled) {
    const filters = ['format=gbrp16', ...lightFilters(from, 'bt2020', chroma)];
    return { options: readingOptions(from), filters };
  }
  const matrix = from.transfer !== 'sdr' ? 'bt2020' : from.samples === 'rgb' ? 'bt709' : from.matrix;
  const { options, filters } = writing(matrix, `${chroma}10`);
  return { options, filters: [...filters, ...lightFilters(from, matrix, chroma)] };
}

/** Returns the filters that convert pictures whose light is not that of BT.709. */
function lightFilters(from: SourceColour, matrix: ColourMatrix, chroma: Chroma): string[] {
  const { primaries, transfer } = from;
  if (transfer === 'sdr') {
    const source = `ispace=${SPACES[matrix]}:iprimaries=${PRIMARIES[primaries]}:itrc=bt709:irange=tv`;
    return [`colorspace=${source}:all=bt709:range=tv:format=${chroma}`];
  }

  // The brightness of a display that the file states is no longer true.
  const cleared = 'sidedata=delete';
  if (from.isTabled) {
    const written = ['scale=out_color_matrix=bt709:out_range=limited', `format=${chroma}`];
    const converted = transfer === 'pq' ? lightByTables() : [`lut3d=${COLOUR_TABLE}`];
    return [...converted, ...written, cleared];
  }
  const source = `min=bt2020nc:rin=limited:pin=${PRIMARIES[primaries]}:tin=${ZSCALE_TRANSFERS[transfer]}`;
  return [
    `zscale=${source}:m=gbr:r=full:p=bt709:t=linear:npl=${REFERENCE_WHITE}`,
    ...['format=gbrpf32le', `tonemap=mobius:param=${KNEE}:peak=${PEAK}:desat=0`],
    ...['zscale=m=bt709:r=limited:p=bt709:t=bt709', `format=${chroma}`],
    cleared,
  ];
}

/**
 * Returns the filters that do with PQ what `zscale` and `tonemap` do. One table of three dimensions would be far from the
 * exact value in saturated colours. Samples become light, and light becomes samples, by tables of one dimension, and the
 * table between them holds the matrix of the primaries, which it gives exactly.
 */
function lightByTables(): string[] {
  return [
    ...['format=gbrpf32le', `lut1d=${LIGHT_TABLE}`, `lut3d=${COLOUR_TABLE}`],
    // Only light is mapped, which the filter wants to be told.
    ...['setparams=color_trc=linear', `tonemap=mobius:param=${KNEE}:peak=${PEAK}:desat=0`],
    `lut1d=${SAMPLE_TABLE}`,
  ];
}

/** Returns the filters that put a picture with alpha over black. They need frames of one size. */
export function overBlackFilters({ transfer }: SourceColour): string[] {
  const bits = transfer === 'sdr' ? '' : '12le';
  return ['premultiply=inplace=1', `format=gbrp${bits}`];
}

/** Returns the pixel format in which `overBlackFilters` takes pictures. */
export function alphaFormat({ transfer }: SourceColour): string {
  return transfer === 'sdr' ? 'gbrap' : 'gbrap12le';
}
