import type { Transfer } from '../source/colour.ts';
import { dot, type Triple } from './primaries.ts';

/** Nits (candela per square metre) of white paper in HDR. SDR shows it as its white (ITU-R BT.2408). */
export const REFERENCE_WHITE = 203;
/** Nits of the brightest white on the reference display of HLG (ITU-R BT.2100). */
const HLG_PEAK = 1000;
const HLG_SYSTEM_GAMMA = 1.2;
/** Exponent between samples and light of a display of standard dynamic range (ITU-R BT.1886). */
const SDR_GAMMA = 2.4;
/**
 * Light above which brighter light is compressed, where 1 is that of white paper. A lower value would keep more
 * of the lights that are brighter than white paper, but white paper would become grey: with this value, it
 * becomes 234 of 235.
 */
export const KNEE = 0.985;
/** Light that becomes the brightest white of SDR: ten times that of white paper. */
export const PEAK = 10;

/**
 * Returns the light that the reference display of a transfer function shows for samples from 0 to 1. Light of
 * 1 is that of white paper. `luminance` holds the luminance of the light of red, green and blue.
 */
export function lightOf(samples: Triple, transfer: Transfer, luminance: Triple): Triple {
  if (transfer === 'hlg') {
    const scene = each(samples, hlgScene);
    const gain = dot(luminance, scene) ** (HLG_SYSTEM_GAMMA - 1) * (HLG_PEAK / REFERENCE_WHITE);
    return each(scene, (value) => value * gain);
  }
  if (transfer === 'pq') return each(samples, pqLight);
  return transfer === 'linear' ? samples : each(samples, (sample) => sample ** SDR_GAMMA);
}

/**
 * Returns the samples from 0 to 1 for which a display of standard dynamic range shows `light`. Light that such
 * a display cannot show is cut off.
 */
export function samplesOf(light: Triple): Triple {
  return each(light, (value) => Math.min(1, Math.max(0, value)) ** (1 / SDR_GAMMA));
}

/**
 * Compresses what is brighter than white paper, as ffmpeg's filter `tonemap` does with the curve `mobius`. Red,
 * green and blue get the same factor, so that the hue of a bright light stays.
 */
export function compressed(light: Triple): Triple {
  const brightest = Math.max(...light);
  if (brightest <= KNEE) return light;
  const a = (-KNEE * KNEE * (PEAK - 1)) / (KNEE * KNEE - 2 * KNEE + PEAK);
  const b = (KNEE * KNEE - 2 * KNEE * PEAK + PEAK) / (PEAK - 1);
  const lowered = (((b + KNEE) ** 2 / (b - a)) * (brightest + a)) / (brightest + b);
  return each(light, (value) => (value * lowered) / brightest);
}

/** Nits of the brightest sample of PQ. */
export const PQ_PEAK = 10_000;

/** Returns the light of a sample of PQ (SMPTE ST 2084). */
export function pqLight(sample: number): number {
  const power = sample ** (32 / 2523);
  const white = PQ_PEAK / REFERENCE_WHITE;
  return white * (Math.max(0, power - 0.8359375) / (18.8515625 - 18.6875 * power)) ** (16_384 / 2610);
}

/** Returns the light of the scene for a sample of HLG, where 1 is the brightest (ITU-R BT.2100). */
function hlgScene(sample: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  return sample <= 0.5 ? sample ** 2 / 3 : (Math.exp((sample - c) / a) + b) / 12;
}

function each([a, b, c]: Triple, change: (value: number) => number): Triple {
  return [change(a), change(b), change(c)];
}
