import type { InspectedStream } from './inspect.ts';

/** Peak of a piece of sound from which it counts as loud. The tone of `clip` is far below, its beep far above. */
const LOUD = 0.3;

/** The sound of an output, with its decoded samples. */
export class PlayedSound {
  readonly stream: InspectedStream;
  readonly channels: number;
  readonly rate: number;
  readonly #samples: Float32Array;
  readonly #zero: number;

  /** @param zero time of the stream at which the media begins */
  constructor(stream: InspectedStream, samples: Float32Array, zero: number) {
    this.stream = stream;
    this.channels = stream.channels ?? 1;
    this.rate = Number(stream.sample_rate);
    this.#samples = samples;
    this.#zero = zero;
  }

  get start(): number {
    return (this.stream.times[0] ?? Number.NaN) - this.#zero;
  }

  get end(): number {
    return this.stream.end - this.#zero;
  }

  /** When the sound becomes loud; `null`: never. */
  get beep(): number | null {
    const index = this.#samples.findIndex((sample) => Math.abs(sample) >= LOUD);
    return index < 0 ? null : this.start + Math.floor(index / this.channels) / this.rate;
  }

  /** Returns the RMS of one channel between two times, in dBFS. */
  level(channel: number, from: number, to: number): number {
    const [first, last] = [from, to].map((time) => Math.round((time - this.start) * this.rate)) as [
      number,
      number,
    ];
    let sum = 0;
    let count = 0;
    for (let frame = Math.max(0, first); frame < last; frame += 1) {
      const sample = this.#samples[frame * this.channels + Math.min(channel, this.channels - 1)];
      if (sample === undefined) break;
      sum += sample * sample;
      count += 1;
    }
    return count === 0 ? Number.NaN : 10 * Math.log10(sum / count);
  }
}
