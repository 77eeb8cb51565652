/**
 * Codec strings (RFC 6381), as `CODECS` of HLS and `codecs` of DASH take them. They are read from the encoded
 * streams, because what ffmpeg writes differs by version and container, and is wrong for H.265.
 */

/** Returns the codec string of H.264 from the three bytes after the first byte of an SPS, or of an avcC box. */
export function avcCodec(name: string, profile: Buffer): string {
  return `${name}.${profile.subarray(0, 3).toString('hex')}`;
}

/**
 * Returns the codec string of H.265 from the content of its hvcC box (ISO/IEC 14496-15 annex E):
 * `hvc1.<profile space and profile>.<compatibility flags, bits reversed>.<tier><level>[.<constraint byte>…]`.
 */
export function hevcCodec(name: string, hvcC: Buffer): string {
  const profile = hvcC.readUInt8(1);
  const space = ['', 'A', 'B', 'C'][profile >> 6];
  const tier = profile & 0x20 ? 'H' : 'L';
  const compatibility = reversedBits(hvcC.readUInt32BE(2));
  const level = hvcC.readUInt8(12);
  const constraints = hvcC
    .subarray(6, 12)
    .toString('hex')
    .replace(/(?:00)+$/, '');
  const bytes = (constraints.match(/../g) ?? []).map((byte) => byte.toUpperCase().replace(/^0(?=.)/, ''));
  return [name, `${space}${profile & 0x1f}`, compatibility, `${tier}${level}`, ...bytes].join('.');
}

/** Reverses the 32 bits of `flags`, and formats them as hexadecimal. */
function reversedBits(flags: number): string {
  const bits = flags.toString(2).padStart(32, '0');
  return Number.parseInt([...bits].reverse().join(''), 2)
    .toString(16)
    .toUpperCase();
}

/** Returns the codec string of AAC. `objectType` is the audio object type of ISO/IEC 14496-3; 2: AAC LC. */
export function aacCodec(objectType: number): string {
  return `mp4a.40.${objectType}`;
}
