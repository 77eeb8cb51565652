import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { FFMPEG, see } from '../../src/media/encoding/testing/sample-clips.ts';

/** Returns the SSIM of an encode against its source, which is scaled to the size of the encode. */
export async function ssimOf(encoded: string, source: string): Promise<number> {
  const picture = (await see(encoded)).streams.find(({ codec_type }) => codec_type === 'video');
  const scaled = `[1:v]scale=${picture?.width}:${picture?.height}:flags=bicubic,setpts=PTS-STARTPTS[source]`;
  const graph = `${scaled};[0:v]setpts=PTS-STARTPTS[encoded];[encoded][source]ssim`;
  const inputs = ['-nostdin', '-i', encoded, '-i', source];
  const { stderr } = await promisify(execFile)(FFMPEG, [
    ...inputs,
    '-lavfi',
    graph,
    '-an',
    '-f',
    'null',
    '-',
  ]);
  return Number(/ SSIM .*All:([\d.]+)/.exec(stderr)?.[1]);
}
