import type { ComponentKind, FfmpegCapabilities } from './capabilities.ts';

/** Component that a build of ffmpeg lacks, and what follows from it, in words for the operator. */
export interface Lack {
  /** Kind and name of the component, such as `encoder libx265`. */
  readonly component: string;
  readonly consequence: string;
}

interface Need {
  readonly kind: ComponentKind;
  /** Names of components of which one is enough. */
  readonly anyOf: readonly string[];
  readonly consequence: string;
}

const EVERY_VIDEO = 'every quality with a picture fails';
const EVERY_SOUND = 'every quality with sound fails';
const NO_THUMBNAIL = 'media have no thumbnails';

const NEEDS: readonly Need[] = [
  need('encoder', 'libx264', 'qualities in H.264 fail; H.264 is the default'),
  need('encoder', 'libx265', 'qualities in H.265 fail'),
  need('encoder', 'aac', EVERY_SOUND),
  need('encoder', 'mjpeg', NO_THUMBNAIL),
  ...['scale', 'format', 'setsar', 'pad', 'setparams', 'fps'].map((name) =>
    need('filter', name, EVERY_VIDEO),
  ),
  need('filter', 'aresample', EVERY_SOUND),
  need('filter', 'yadif', 'interlaced video fails'),
  need('filter', 'premultiply', 'video and pictures with transparency fail'),
  need('filter', 'colorspace', 'video with the primaries of NTSC, PAL, P3 or BT.2020 fails'),
  need('filter', 'lut3d', 'HDR video in HLG fails'),
  need('filter', 'tonemap', 'HDR10 video fails'),
  { kind: 'filter', anyOf: ['zscale', 'lut1d'], consequence: 'HDR10 video fails' },
  ...containers({
    mov: 'MP4 and MOV',
    matroska: 'Matroska and WebM',
    mpegts: 'transport streams',
    avi: 'AVI',
  }),
  ...containers({
    flv: 'FLV',
    mpeg: 'MPEG program streams',
    ogg: 'Ogg',
    mp3: 'MP3',
    wav: 'WAV',
    aac: 'ADTS',
  }),
  ...coders({ 'H.264': ['h264'], 'H.265': ['hevc'], 'MPEG-4': ['mpeg4'], 'MPEG-2': ['mpeg2video'] }),
  ...coders({ VP8: ['vp8', 'libvpx'], VP9: ['vp9', 'libvpx-vp9'] }),
  need('decoder', 'libvpx-vp9', 'what is transparent in VP9 shows the colours that lie below'),
  // ffmpeg's own decoder of AV1 needs a graphics processor.
  ...coders({ AV1: ['libdav1d', 'libaom-av1', 'libgav1'] }),
  ...coders({ AAC: ['aac', 'libfdk_aac'], MP3: ['mp3float', 'mp3'], Opus: ['opus', 'libopus'] }),
];

function need(kind: ComponentKind, name: string, consequence: string): Need {
  return { kind, anyOf: [name], consequence };
}

function containers(names: Record<string, string>): Need[] {
  return Object.entries(names).map(([name, files]) => need('demuxer', name, `files in ${files} are refused`));
}

function coders(codecs: Record<string, readonly string[]>): Need[] {
  return Object.entries(codecs).map(([codec, anyOf]) => ({
    kind: 'decoder',
    anyOf,
    consequence: `files with ${codec} can't be decoded`,
  }));
}

/** Returns what a build lacks of the components that the service uses. Rare formats are left out. */
export function lacksOf({ version, lacks }: FfmpegCapabilities): Lack[] {
  const missing = NEEDS.filter(({ kind, anyOf }) => anyOf.every((name) => lacks(kind, name)));
  return [
    ...(isOlder(version) ? [OLD_VERSION] : []),
    ...missing.map(({ kind, anyOf, consequence }) => ({
      component: `${kind} ${eitherOf(anyOf)}`,
      consequence,
    })),
  ];
}

/** Oldest version with which the corpus of tests passes. */
const OLDEST = [5, 1] as const;
const OLD_VERSION: Lack = {
  component: `version ${OLDEST.join('.')} or newer`,
  consequence: 'encodes may fail, or come out wrong',
};

/** Returns whether a version, such as `n8.1.2`, is too old. Builds between two versions are named by a commit. */
function isOlder(version: string | null): boolean {
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined) return false;
  return Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
}

function eitherOf(names: readonly string[]): string {
  return names.join(', ').replace(/, (?=[^,]*$)/, ' or ');
}
