import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A clip of moving bars and a tone, as the bytes of an MP4. */
export async function makeClip({ width = 320, height = 180, seconds = 1 } = {}): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-clip-'));
  const file = join(dir, 'clip.mp4');
  try {
    await run('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=25:duration=${seconds}`],
      ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-c:a',
        'aac',
        '-shortest',
        '-movflags',
        '+faststart',
        file,
      ],
    ]);
    return await readFile(file);
  } finally {
    await rm(dir, { recursive: true });
  }
}
