import { appendFile, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { decode } from './decode.ts';
import { inspect } from './inspect.ts';
import type { Output } from './outputs.ts';
import { PlayedPicture } from './played-picture.ts';
import { PlayedSound } from './played-sound.ts';

/** Picture and sound that a viewer gets of an output. */
export interface Played {
  readonly picture: PlayedPicture | null;
  readonly sound: PlayedSound | null;
  /** Messages of the decoder; empty if it decoded everything. */
  readonly messages: string;
}

/**
 * Plays an output: joins the files of each stream, as players do, and decodes everything. The playlists are not read by
 * ffmpeg, because its readers repair what players do not.
 */
export async function play(output: Output, dir: string): Promise<Played> {
  const joined: string[] = [];
  for (const [index, { files }] of output.streams.entries()) {
    const [first = ''] = files;
    const name = `${output.name.replaceAll(/\W+/g, '-')}-${index}${extname(first)}`;
    joined.push(files.length === 1 ? first : await joinFiles(files, join(dir, name)));
  }
  const inspected = await Promise.all(joined.map((file) => inspect(file, dir)));
  const find = (type: string) => {
    const input = inspected.findIndex((streams) => streams.some(({ codec_type }) => codec_type === type));
    const stream = inspected[input]?.find(({ codec_type }) => codec_type === type);
    return stream === undefined ? null : { input, stream };
  };
  const [picture, sound] = [find('video'), find('audio')];
  const decoded = await decode(joined, { picture: picture?.input ?? null, sound: sound?.input ?? null });
  // Players begin a stream of segments where its picture begins, but a file at 0.
  const zero = output.isFile ? 0 : ((picture ?? sound)?.stream.times[0] ?? Number.NaN);
  return {
    picture: picture && new PlayedPicture(picture.stream, decoded.pictures, zero),
    sound: sound && new PlayedSound(sound.stream, decoded.samples, zero),
    messages: decoded.messages,
  };
}

async function joinFiles(files: readonly string[], target: string): Promise<string> {
  for (const file of files) await appendFile(target, await readFile(file));
  return target;
}
