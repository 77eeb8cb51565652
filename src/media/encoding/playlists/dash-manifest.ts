/** Manifest of one finished quality, as ffmpeg wrote it, and the directory of its segments. */
export interface DashQuality {
  /**
   * Path of the quality's directory, relative to the common manifest. The path is also the name of the
   * quality.
   */
  readonly name: string;
  readonly manifest: string;
}

interface Representation {
  readonly xml: string;
  readonly contentType: 'video' | 'audio';
  /** Group of representations between which a player can switch. H.264 and H.265 are two groups. */
  readonly family: string;
  /** Bits per second. */
  readonly bandwidth: number;
  /** Duration in ISO 8601, as in the quality's own manifest. */
  readonly presentationDuration: string;
  readonly minBufferTime: string;
}

/**
 * Returns one manifest (ISO/IEC 23009-1) that lists all qualities. The manifest refers to the existing
 * segments of the qualities. A quality can therefore be played as soon as it is finished, and no segment is
 * stored twice.
 */
export function dashManifest(qualities: readonly DashQuality[]): string {
  const all = qualities.flatMap(representationsOf);
  const video = all.filter(({ contentType }) => contentType === 'video');
  const audio = distinctBandwidths(all.filter(({ contentType }) => contentType === 'audio'));
  const sets = [...Map.groupBy([...video, ...audio], ({ family }) => family).values()];
  const longest = (pick: (of: Representation) => string) =>
    all.map(pick).toSorted((a, b) => secondsOf(b) - secondsOf(a))[0] ?? 'PT0S';
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"' +
      ` mediaPresentationDuration="${longest((of) => of.presentationDuration)}"` +
      ` minBufferTime="${longest((of) => of.minBufferTime)}">`,
    '<Period id="0" start="PT0S">',
    ...sets.map(adaptationSet),
    '</Period>',
    '</MPD>',
    '',
  ].join('\n');
}

/**
 * Returns only one audio representation for each bandwidth, because two qualities whose sound has the same
 * bandwidth have the same sound.
 */
function distinctBandwidths(audio: readonly Representation[]): Representation[] {
  return [...Map.groupBy(audio, ({ bandwidth }) => bandwidth).values()].flatMap((same) => same.slice(0, 1));
}

function adaptationSet(set: readonly Representation[], id: number): string {
  const ordered = set.toSorted((a, b) => b.bandwidth - a.bandwidth);
  return [
    `<AdaptationSet id="${id}" contentType="${set[0]?.contentType}" segmentAlignment="true" startWithSAP="1">`,
    ...ordered.map(({ xml }) => xml),
    '</AdaptationSet>',
  ].join('\n');
}

function representationsOf({ name, manifest }: DashQuality): Representation[] {
  const presentationDuration = attribute(manifest, 'mediaPresentationDuration') ?? 'PT0S';
  const minBufferTime = attribute(manifest, 'minBufferTime') ?? 'PT0S';
  const found = manifest.match(/<Representation [\s\S]*?<\/Representation>/g) ?? [];
  return found.map((xml) => {
    const contentType = attribute(xml, 'mimeType')?.startsWith('video') ? 'video' : 'audio';
    return {
      xml: relocate(xml, name, contentType),
      contentType,
      family: `${contentType} ${attribute(xml, 'codecs')?.split('.')[0]}`,
      bandwidth: Number(attribute(xml, 'bandwidth') ?? 0),
      presentationDuration,
      minBufferTime,
    };
  });
}

/**
 * Rewrites a representation for the common manifest, which is one directory higher: adds the directory of the
 * quality to the paths of the segments, and gives the representation an id that no other quality has.
 */
function relocate(xml: string, name: string, contentType: string): string {
  const id = attribute(xml, 'id') ?? '0';
  return xml
    .replaceAll('$RepresentationID$', id)
    .replace(/ id="[^"]*"/, ` id="${name}-${contentType}"`)
    .replace('<SegmentTemplate', `<BaseURL>${name}/</BaseURL><SegmentTemplate`);
}

function attribute(xml: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(xml)?.[1];
}

/** Returns the seconds of an ISO 8601 duration: `PT1H2M3.4S` → 3723.4. */
function secondsOf(duration: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] =
    /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration)?.map((part) => Number(part ?? 0)) ?? [];
  return hours * 3600 + minutes * 60 + seconds;
}

/**
 * Replaces the codec string of H.265 in a manifest by the full one. ffmpeg 5 writes only `hvc1`, and browsers
 * refuse to play a stream with this codec string.
 */
export function completeCodecs(manifest: string, hevcCodec: string): string {
  return manifest.replace('codecs="hvc1"', `codecs="${hevcCodec}"`);
}

/**
 * Returns the codec string of an H.265 init segment, from its `hvcC` box; `null`: the segment has no such
 * box. The string is defined in ISO/IEC 14496-15 annex E: `hvc1.<profile space and profile>.<compatibility
 * flags, bits reversed>.<tier><level>[.<constraint byte>…]`.
 */
export function hevcCodecOf(initSegment: Buffer): string | null {
  const start = initSegment.indexOf('hvcC') + 4;
  if (start < 4 || initSegment.length < start + 13) return null;
  const profile = initSegment.readUInt8(start + 1);
  const space = ['', 'A', 'B', 'C'][profile >> 6];
  const tier = profile & 0x20 ? 'H' : 'L';
  const compatibility = reversedBits(initSegment.readUInt32BE(start + 2));
  const level = initSegment.readUInt8(start + 12);
  const constraints = initSegment
    .subarray(start + 6, start + 12)
    .toHex()
    .replace(/(?:00)+$/, '');
  const bytes = (constraints.match(/../g) ?? []).map((byte) => byte.toUpperCase().replace(/^0(?=.)/, ''));
  return ['hvc1', `${space}${profile & 0x1f}`, compatibility, `${tier}${level}`, ...bytes].join('.');
}

/** Reverses the 32 bits of `flags`, and formats them as hexadecimal. */
function reversedBits(flags: number): string {
  const bits = flags.toString(2).padStart(32, '0');
  return Number.parseInt([...bits].reverse().join(''), 2)
    .toString(16)
    .toUpperCase();
}
