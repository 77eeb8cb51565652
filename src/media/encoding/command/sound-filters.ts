import type { AudioRendition } from '../plan/rendition.ts';

/** Returns ffmpeg's filters for the sound of a quality, from the decoder to the encoder. */
export function soundFilters(_audio: AudioRendition): string {
  // `async=1` fills gaps with silence, because live recordings can have gaps.
  return 'aresample=async=1';
}
