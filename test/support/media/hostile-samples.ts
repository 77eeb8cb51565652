import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';

/** Functions that make hostile media files, which try to do harm when they are read. */

const run = promisify(execFile);

/** Targets that a hostile file tries to reach. */
export interface Targets {
  /** Full path of a file of this machine. */
  readonly file: string;
  /** URL of a server on this machine: `http://127.0.0.1:port`. */
  readonly url: string;
}

/**
 * Makes a clip with ffmpeg, in the container that belongs to the extension of `name`. Returns the bytes of
 * the file.
 */
export async function hostileClip(dir: string, name: string, args: readonly string[]): Promise<Buffer> {
  const file = join(dir, name);
  await run('ffmpeg', ['-v', 'error', '-y', ...args, file]);
  return readFile(file);
}

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=25:d=1'];
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-pix_fmt', 'yuv420p'];

/**
 * Returns playlists, manifests and scripts that refer to other files or to servers, by their descriptions.
 */
export function referringTexts({ file, url }: Targets): Record<string, string> {
  const playlist = (...lines: string[]) => ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...lines, ''].join('\n');
  const of = (target: string) => playlist('#EXTINF:1,', target, '#EXT-X-ENDLIST');
  const mpd = (target: string) =>
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S">' +
    `<Period><AdaptationSet mimeType="video/mp4"><Representation id="0"><BaseURL>${target}</BaseURL>` +
    '</Representation></AdaptationSet></Period></MPD>';
  return {
    'an HLS playlist of a file': of(file),
    'an HLS playlist of a file: URL': of(`file://${file}`),
    'an HLS playlist of a server': of(`${url}/segment.ts`),
    'an HLS playlist that joins protocols': of(`concat:${file}|${url}/x`),
    'an HLS playlist with a key elsewhere': playlist(
      `#EXT-X-KEY:METHOD=AES-128,URI="${url}/key"`,
      '#EXTINF:1,',
      `${url}/segment.ts`,
    ),
    'a DASH manifest of a file': mpd(file),
    'a DASH manifest of a server': mpd(`${url}/video.mp4`),
    'an ffconcat script of a file': `ffconcat version 1.0\nfile '${file}'\n`,
    'an ffconcat script of a server': `ffconcat version 1.0\nfile '${url}/video.mp4'\n`,
    'a session description': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${new URL(url).port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    'SubRip subtitles': '1\n00:00:00,000 --> 00:00:01,000\nroot\n',
    'a VobSub index, which has its pictures in a file beside it':
      '# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n',
    'a RealMedia pointer': `rtsp://127.0.0.1:${new URL(url).port}/x\n`,
    'a page': `<html><script>fetch("${url}")</script></html>`,
    'an SVG picture': `<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}/x.png"/></svg>`,
    'plain text': 'once upon a time\n'.repeat(1000),
  };
}

/** An empty ZIP archive. */
export const EMPTY_ZIP = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');

/** Makes a GIF of a few bytes whose only frame is a square with this side. */
export function gifBomb(side: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(side, 0);
  size.writeUInt16LE(side, 2);
  return Buffer.concat([
    ...[Buffer.from('GIF89a'), size, Buffer.from('800000000000ffffff', 'hex')],
    ...[Buffer.from('2c00000000', 'hex'), size, Buffer.from('000202440100', 'hex'), Buffer.from(';')],
  ]);
}

/** Makes a PNG of a few KiB that decodes to a large black square with one bit per pixel. */
export function pngBomb(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(1, 8);
  const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Makes a WAV file that ends after its header, without any sound. */
export function soundOfNothing(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  return header;
}

/** Makes a video that is only 16 pixels high, but 16,000 pixels wide. */
export function wideClip(dir: string): Promise<Buffer> {
  const wide = ['-f', 'lavfi', '-i', 'color=s=16000x16:r=5:d=0.4'];
  return hostileClip(dir, 'wide.mp4', [...wide, ...H264]);
}

/** Makes an MP4 file without its end, where the index is. */
export async function truncatedMp4(dir: string): Promise<Buffer> {
  const whole = await hostileClip(dir, 'whole.mp4', [...PICTURE, ...H264]);
  return whole.subarray(0, Math.floor(whole.length / 2));
}

/** Makes an MP4 file of a few KiB whose index claims to have a million frames. */
export async function millionFrames(dir: string, ticksEach: number): Promise<Buffer> {
  const clip = Buffer.from(await hostileClip(dir, `index-${ticksEach}.mp4`, [...PICTURE, ...H264]));
  const claimed = 1_000_000;
  const times = contentOf(clip, 'stts');
  clip.writeUInt32BE(claimed, times + 8);
  clip.writeUInt32BE(ticksEach, times + 12);
  const sizes = contentOf(clip, 'stsz');
  clip.writeUInt32BE(100, sizes + 4);
  clip.writeUInt32BE(claimed, sizes + 8);
  clip.writeUInt32BE(claimed, contentOf(clip, 'stsc') + 12);
  return clip;
}

/** Makes a MOV file that refers to media data at `target`, with a data reference of QuickTime. */
export async function elsewhereMov(dir: string, target: string): Promise<Buffer> {
  const clip = await hostileClip(dir, 'elsewhere.mov', [...PICTURE, ...H264]);
  const url = Buffer.from(`${target}\0`);
  // Writes the URL into the first entry of `dref`, and clears the flag which says that the media data is in
  // this file.
  const entry = contentOf(clip, 'dref') + 8;
  const head = Buffer.alloc(12);
  head.writeUInt32BE(12 + url.length);
  head.write('url ', 4);
  const entrySize = clip.readUInt32BE(entry);
  const grown = head.length + url.length - entrySize;
  const result = Buffer.concat([clip.subarray(0, entry), head, url, clip.subarray(entry + entrySize)]);
  for (const box of ['dref', 'dinf', 'minf', 'mdia', 'trak', 'moov']) {
    const size = result.indexOf(box) - 4;
    result.writeUInt32BE(result.readUInt32BE(size) + grown, size);
  }
  return result;
}

/** Makes a video with an attached HTML file, in the way in which fonts are attached. */
export async function attachingMkv(dir: string, attached: string): Promise<Buffer> {
  const file = join(dir, 'attached.txt');
  await writeFile(file, attached);
  const attachment = [
    '-attach',
    file,
    '-metadata:s:t',
    'mimetype=text/html',
    '-metadata:s:t',
    'filename=../x.html',
  ];
  return hostileClip(dir, 'attaching.mkv', [...PICTURE, ...H264, ...attachment]);
}

/** Makes an MP3 file with HTML in its title, for programs that guess the type of a file from its bytes. */
export async function pageInMp3(dir: string, page: string): Promise<Buffer> {
  const tone = ['-f', 'lavfi', '-i', 'sine=d=1', '-metadata', `title=${page}`];
  return hostileClip(dir, 'page.mp3', tone);
}

/** Makes a video of three frames, with `seconds` between two frames. */
export function slowVideo(dir: string, seconds: number): Promise<Buffer> {
  const apart = ['-vf', `setpts=N*${seconds}/TB`, '-frames:v', '3', '-vsync', 'vfr'];
  return hostileClip(dir, `slow-${seconds}.mkv`, [...PICTURE, ...apart, ...H264]);
}

/** Returns the offset of a box's content in an MP4, after the size and the type of the box. */
function contentOf(clip: Buffer, box: string): number {
  const at = clip.indexOf(box);
  if (at === -1) throw new Error(`the clip has no ${box}`);
  return at + 4;
}
