import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { conversionFilters } from '../command/picture-filters.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import { FFMPEG } from '../testing/sample-clips.ts';
import { withColourTable } from './table-file.ts';

/**
 * Compares what ffmpeg makes of HDR with the formulas of ITU-R BT.2100 and BT.2408, in the other direction: colours of
 * BT.709 are turned into HDR, and must come back.
 */

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hdr-'));
});
after(() => rm(dir, { recursive: true }));

type Rgb = readonly [number, number, number];

/** Side of a test picture in pixels. */
const SIDE = 16;
const WHITE_NITS = 203;

/** Colours of BT.709 from 0 to 255, each with the largest difference that is allowed, and with that of HLG if it is another. */
const COLOURS: readonly (readonly [Rgb, number, number?])[] = [
  [[0, 0, 0], 1],
  [[30, 30, 30], 2],
  [[108, 108, 108], 2],
  [[200, 200, 200], 2],
  [[255, 255, 255], 3],
  [[171, 129, 110], 3],
  [[235, 190, 165], 3],
  [[90, 60, 45], 4],
  [[60, 110, 200], 5],
  [[70, 130, 60], 5],
  // Steps of ten bits are coarse beside the edge of what BT.709 can show.
  [[255, 0, 0], 25],
  [[0, 255, 0], 30, 55],
  [[0, 0, 255], 25],
];

/** Matrix from the light of BT.709 to that of BT.2020 (ITU-R BT.2087). */
const TO_BT2020: readonly Rgb[] = [
  [0.6274, 0.3293, 0.0433],
  [0.0691, 0.9195, 0.0114],
  [0.0164, 0.088, 0.8956],
];
const [RED, GREEN, BLUE] = [0.2627, 0.678, 0.0593];

function pqSignal(nits: number): number {
  const power = (nits / 10_000) ** 0.1593017578125;
  return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375;
}

function hlgSignal(scene: number): number {
  if (scene <= 1 / 12) return Math.sqrt(3 * scene);
  return 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
}

/** Returns the signal of BT.2020 with which the reference display of HDR shows a colour of BT.709. */
function hdrSignal(colour: Rgb, transfer: 'pq' | 'hlg'): number[] {
  const light = colour.map((value) => (value / 255) ** 2.4);
  const nits = TO_BT2020.map(
    (row) => row.reduce((sum, part, n) => sum + part * (light[n] ?? 0), 0) * WHITE_NITS,
  );
  if (transfer === 'pq') return nits.map(pqSignal);
  const shown = nits.map((value) => value / 1000);
  const luminance = RED * (shown[0] ?? 0) + GREEN * (shown[1] ?? 0) + BLUE * (shown[2] ?? 0);
  // The inverse of the system gamma of 1.2.
  const gain = luminance > 0 ? luminance ** (-0.2 / 1.2) : 0;
  return shown.map((value) => hlgSignal(value * gain));
}

/** Returns a picture of one colour in 4:2:0 with 10 bits. */
function picture([r = 0, g = 0, b = 0]: readonly number[]): Buffer {
  const luma = RED * r + GREEN * g + BLUE * b;
  const plane = (value: number, pixels: number) => new Uint16Array(pixels).fill(Math.round(value));
  const planes = [
    plane(64 + 876 * luma, SIDE ** 2),
    plane(512 + (896 * (b - luma)) / (2 * (1 - BLUE)), SIDE ** 2 / 4),
    plane(512 + (896 * (r - luma)) / (2 * (1 - RED)), SIDE ** 2 / 4),
  ];
  return Buffer.concat(planes.map(({ buffer }) => Buffer.from(buffer)));
}

/** Converts a picture of each colour, and returns red, green and blue of the middle of each. */
async function converted(transfer: 'pq' | 'hlg', isTabled: boolean): Promise<number[][]> {
  const plain = plainFrame(SIDE, SIDE);
  const colour = { ...plain.colour, matrix: 'bt2020', primaries: 'bt2020', transfer, isTabled } as const;
  const conversion = { frame: { ...plain, colour }, deinterlace: false, width: SIDE, height: SIDE };
  const filters = [
    ...conversionFilters(conversion, 'yuv444p'),
    'scale=in_color_matrix=bt709',
    'format=rgb24',
  ];
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p10le', '-s', `${SIDE}x${SIDE}`, '-i', 'pipe:0'];
  const input = Buffer.concat(COLOURS.map(([value]) => picture(hdrSignal(value, transfer))));
  const output = await withColourTable(dir, isTabled ? colour : null, () =>
    run(['-v', 'error', ...raw, '-vf', filters.join(','), '-f', 'rawvideo', 'pipe:1'], input),
  );
  const middle = (SIDE * (SIDE / 2) + SIDE / 2) * 3;
  return COLOURS.map((_, index) => [...output.subarray(index * SIDE ** 2 * 3 + middle).subarray(0, 3)]);
}

function run(args: readonly string[], input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(FFMPEG, args, { cwd: dir, encoding: 'buffer' }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
}

for (const [transfer, isTabled] of [
  ['pq', false],
  ['pq', true],
  ['hlg', true],
] as const) {
  test(`${transfer} shows colours as the formulas say, ${isTabled ? 'by the table' : 'by zscale'}`, async () => {
    const results = await converted(transfer, isTabled);
    const wrong = COLOURS.flatMap(([value, forAll, forHlg], index) => {
      const within = transfer === 'hlg' ? (forHlg ?? forAll) : forAll;
      const result = results[index] ?? [];
      const isNear = value.every((part, n) => Math.abs(part - (result[n] ?? Number.NaN)) <= within);
      return isNear ? [] : [`${value} became ${result}`];
    });
    assert.deepEqual(wrong, []);
  });
}
