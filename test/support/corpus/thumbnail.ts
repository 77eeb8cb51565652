import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { thumbnailFile } from '../../../src/media/files/media-files.ts';
import type { Expectation } from './definition.ts';
import { compareColours } from './differences.ts';

const execute = promisify(execFile);

/** Returns what of the thumbnail differs from what a viewer must get. */
export async function differencesOfThumbnail(
  { size, colours = [] }: NonNullable<Expectation['thumbnail']>,
  mediaDir: string,
): Promise<string[]> {
  // A PPM begins with its size in text. Red, green and blue of each pixel follow.
  const args = ['-v', 'error', '-i', thumbnailFile(mediaDir), '-c:v', 'ppm', '-f', 'image2pipe', 'pipe:1'];
  const { stdout } = await execute('ffmpeg', args, { encoding: 'buffer', maxBuffer: 64 * 2 ** 20 });
  const [header = '', width = '', height = ''] =
    /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(stdout.toString('latin1')) ?? [];
  const found: string[] = [];
  if (size !== undefined && size !== `${width}x${height}`)
    found.push(`the size is ${width}x${height}, not ${size}`);
  compareColours({ found }, colours, ({ at: [x, y] }) => {
    const row = Math.floor(y * (Number(height) - 1));
    const place = header.length + 3 * (row * Number(width) + Math.floor(x * (Number(width) - 1)));
    return [...stdout.subarray(place, place + 3)];
  });
  return found.map((difference) => `thumbnail: ${difference}`);
}
