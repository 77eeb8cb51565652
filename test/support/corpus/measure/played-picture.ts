import type { InspectedStream } from './inspect.ts';

/** Largest difference of two neighbouring pictures that look the same, as the mean over all pixels. */
const SAME_PICTURE = 0.75;
/** Mean brightness (16 to 235) from which a picture counts as white. */
const WHITE = 200;
/** Pixels to each side of a place that count for its colour. */
const AROUND = 2;

/** The picture of an output, with its decoded frames. */
export class PlayedPicture {
  readonly stream: InspectedStream;
  readonly #frames: readonly Buffer[];
  readonly #zero: number;

  /** @param zero time of the stream at which the media begins */
  constructor(stream: InspectedStream, pictures: Buffer, zero: number) {
    this.stream = stream;
    this.#zero = zero;
    const size = this.#lumaSize + 2 * this.#chromaWidth * this.#chromaHeight;
    this.#frames = Array.from({ length: Math.floor(pictures.length / size) }, (_, index) =>
      pictures.subarray(index * size, (index + 1) * size),
    );
  }

  get width(): number {
    return this.stream.width ?? 0;
  }

  get height(): number {
    return this.stream.height ?? 0;
  }

  /** Number of pictures that could be decoded. */
  get count(): number {
    return this.#frames.length;
  }

  get start(): number {
    return (this.stream.times[0] ?? Number.NaN) - this.#zero;
  }

  get end(): number {
    return this.stream.end - this.#zero;
  }

  /** Number of pictures that differ from the one before; the first is counted. */
  get changes(): number {
    const differs = (frame: Buffer, index: number) =>
      index === 0 || this.#difference(frame, this.#frames[index - 1] ?? frame) > SAME_PICTURE;
    return this.#frames.filter(differs).length;
  }

  /** When the picture becomes white; `null`: never. */
  get flash(): number | null {
    const index = this.#frames.findIndex((frame) => mean(frame.subarray(0, this.#lumaSize)) >= WHITE);
    return index < 0 ? null : (this.stream.times[index] ?? Number.NaN) - this.#zero;
  }

  /** Returns red, green and blue at a place, as a player shows them at `time`. */
  colourAt([x, y]: readonly [number, number], time: number): [number, number, number] {
    const index = this.stream.times.findLastIndex((at) => at - this.#zero <= time + 0.001);
    const frame = this.#frames[Math.max(0, index)] ?? Buffer.alloc(0);
    const plane = (offset: number, width: number, height: number) =>
      meanAround(frame.subarray(offset, offset + width * height), { width, height, x, y });
    const [cw, ch] = [this.#chromaWidth, this.#chromaHeight];
    return toRgb(
      plane(0, this.width, this.height),
      plane(this.#lumaSize, cw, ch),
      plane(this.#lumaSize + cw * ch, cw, ch),
      this.stream,
    );
  }

  #difference(a: Buffer, b: Buffer): number {
    let sum = 0;
    for (let index = 0; index < this.#lumaSize; index += 1)
      sum += Math.abs((a[index] ?? 0) - (b[index] ?? 0));
    return sum / this.#lumaSize;
  }

  get #lumaSize(): number {
    return this.width * this.height;
  }

  get #chromaWidth(): number {
    return Math.ceil(this.width / 2);
  }

  get #chromaHeight(): number {
    return Math.ceil(this.height / 2);
  }
}

function mean(values: Uint8Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function meanAround(
  plane: Uint8Array,
  { width, height, x, y }: { width: number; height: number; x: number; y: number },
): number {
  const [column, row] = [Math.floor(x * (width - 1)), Math.floor(y * (height - 1))];
  const values: number[] = [];
  for (let dy = -AROUND; dy <= AROUND; dy += 1) {
    for (let dx = -AROUND; dx <= AROUND; dx += 1) {
      const [cx, cy] = [column + dx, row + dy];
      if (cx >= 0 && cx < width && cy >= 0 && cy < height) values.push(plane[cy * width + cx] ?? 0);
    }
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Converts as browsers do: by the tags, and by BT.709 and limited range without tags. */
function toRgb(
  luma: number,
  blue: number,
  red: number,
  { color_space: space = '', color_range: range }: InspectedStream,
): [number, number, number] {
  const isFull = range === 'pc';
  const y = isFull ? luma : ((luma - 16) * 255) / 219;
  const [cb, cr] = [blue, red].map((value) => (isFull ? value - 128 : ((value - 128) * 255) / 224)) as [
    number,
    number,
  ];
  const [kr, kb] = WEIGHTS[space] ?? [0.2126, 0.0722];
  const r = y + 2 * (1 - kr) * cr;
  const b = y + 2 * (1 - kb) * cb;
  const g = (y - kr * r - kb * b) / (1 - kr - kb);
  return [r, g, b].map((value) => Math.round(Math.min(255, Math.max(0, value)))) as [number, number, number];
}

/** Weights of red and blue in the brightness, by the name that ffprobe gives to the matrix. */
const WEIGHTS: Record<string, readonly [red: number, blue: number]> = {
  smpte170m: [0.299, 0.114],
  bt470bg: [0.299, 0.114],
  bt2020nc: [0.2627, 0.0593],
};
