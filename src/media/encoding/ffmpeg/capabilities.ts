import { type ChildOptions, runChild } from './child-process.ts';

/** Kind of a part that a build of ffmpeg can lack. */
export type ComponentKind = 'encoder' | 'decoder' | 'filter' | 'demuxer';

/** Abilities of the installed build of ffmpeg. Builds differ in their version and in the libraries that they contain. */
export interface FfmpegCapabilities {
  /** Version as the build states it, such as `5.1.9-0+deb12u1`; `null`: not known. */
  readonly version: string | null;
  /**
   * Returns whether the build is known to lack a component, which has the name that ffmpeg gives it. A component
   * of which nothing is known counts as present; ffmpeg itself then says that it lacks the component.
   */
  readonly lacks: (kind: ComponentKind, name: string) => boolean;
}

/** Capabilities of a build of which nothing is known. */
export const UNKNOWN_BUILD: FfmpegCapabilities = { version: null, lacks: () => false };

/** Arguments with which the programs list their components. The first option that lists something ends the program. */
export const LISTING_ARGS = ['-codecs', '-filters', '-formats'] as const;

export interface Programs {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
}

/** Result of `findCapabilities`: what is known, and which programs cannot be run. */
export interface FoundPrograms {
  readonly capabilities: FfmpegCapabilities;
  readonly notRunnable: readonly (keyof Programs)[];
}

/**
 * Runs ffmpeg twice and ffprobe once to find out what they can do. ffprobe is asked for the containers that it reads,
 * because it is the first program that reads a received file.
 */
export async function findCapabilities(
  { ffmpegPath, ffprobePath }: Programs,
  options: Pick<ChildOptions, 'signal' | 'bounds'>,
): Promise<FoundPrograms> {
  const codecs = await list(ffmpegPath, '-codecs', options);
  const filters = codecs && (await list(ffmpegPath, '-filters', options));
  const formats = await list(ffprobePath, '-formats', options);
  const known: Partial<Record<ComponentKind, ReadonlySet<string>>> = {
    ...(codecs && { encoder: codersIn(codecs.lines, 'E'), decoder: codersIn(codecs.lines, 'D') }),
    ...(filters && { filter: filtersIn(filters.lines) }),
    ...(formats && { demuxer: demuxersIn(formats.lines) }),
  };
  return {
    capabilities: {
      version: codecs?.version ?? null,
      lacks: (kind, name) => known[kind]?.has(name) === false,
    },
    notRunnable: [...(codecs ? [] : ['ffmpegPath' as const]), ...(formats ? [] : ['ffprobePath' as const])],
  };
}

interface Listing {
  readonly version: string | null;
  readonly lines: readonly string[];
}

/** Returns what a program lists; `null`: the program cannot be run. */
async function list(
  program: string,
  listing: (typeof LISTING_ARGS)[number],
  options: Pick<ChildOptions, 'signal' | 'bounds'>,
): Promise<Listing | null> {
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  try {
    const end = await runChild(program, [listing], { ...options, onLine });
    if (end.exitCode !== 0) return null;
    return { version: /^\S+ version (\S+)/m.exec(end.stderr)?.[1] ?? null, lines };
  } catch {
    return null;
  }
}

/**
 * Returns the encoders (`E`) or decoders (`D`) in the list of `-codecs`. A codec is listed as
 * ` DEV.LS h264  H.264 (decoders: h264 h264_qsv) (encoders: libx264 libx264rgb)`. Without such parentheses, the coder
 * has the name of the codec.
 */
export function codersIn(lines: readonly string[], flag: 'E' | 'D'): ReadonlySet<string> {
  const names = new RegExp(`\\(${flag === 'E' ? 'encoders' : 'decoders'}: ([^)]*)\\)`);
  return new Set(
    lines.flatMap((line) => {
      const [, flags = '', codec = ''] = /^ ([D.][E.][VASDT.]\S{3}) (\S+)/.exec(line) ?? [];
      if (!flags.includes(flag, flag === 'E' ? 1 : 0) || codec === '=') return [];
      return names.exec(line)?.[1]?.trim().split(/\s+/) ?? [codec];
    }),
  );
}

/** Returns the filters in the list of `-filters`, such as ` T.C scale  V->V  Scale the input video size.` */
export function filtersIn(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => /^ [A-Z.]{2,3} (\S+)\s+\S+->\S+/.exec(line)?.[1] ?? []));
}

/**
 * Returns the demuxers in the list of `-formats`, such as ` DE mov,mp4,m4a  QuickTime / MOV`. A demuxer can have
 * several names. ffmpeg 7.1 and newer write a third flag, `d` for a device.
 */
export function demuxersIn(lines: readonly string[]): ReadonlySet<string> {
  return new Set(
    lines.flatMap((line) => {
      const [, names = ''] = /^ D[E ](?:d| )? ?(\S+)/.exec(line) ?? [];
      return names === '=' ? [] : names.split(',').filter((name) => name !== '');
    }),
  );
}
