import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Quality, Resolution } from '../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import type { Publication } from '../../storage/contracts/events.ts';
import { mediaDir, qualityDir, sourceFile, workDir } from '../files/media-files.ts';
import { encodeQuality } from './encode-quality.ts';
import { encodeTogether } from './encode-together.ts';
import { probe } from './source/probe.ts';
import { MEDIA, runMediaJob } from './testing/media-job.ts';
import { assertAllPlaylists } from './testing/playlist-rules/assert-playlists.ts';
import { FFMPEG, FFPROBE, makeClip } from './testing/sample-clips.ts';

/** Program of a test in place of ffmpeg: writes a line for each run that encodes, and may end before ffmpeg starts. */
const PROGRAM = `#!/bin/sh
case "$*" in *libx264*) ;; *) exec ffmpeg "$@" ;; esac
case "$*" in *output-0*) kind=together ;; *) kind=alone ;; esac
echo $kind >> "$RUNS"
FAILING
exec ffmpeg "$@"
`;

function quality(position: number, resolution: Resolution, of: Partial<Quality> = {}): Quality {
  return { ...(MEDIA.qualities[0] as Quality), ...of, position, resolution };
}

const THREE = [
  quality(0, '240p'),
  quality(1, '360p', { type: 'dash', containerType: 'fmp4' }),
  quality(2, '144p'),
];

async function withClip(t: TestContext): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-together-'));
  t.after(() => rm(dataDir, { recursive: true }));
  await mkdir(mediaDir(dataDir, MEDIA.id), { recursive: true });
  const clip = await makeClip(dataDir, 'clip.mp4', { seconds: 1, picture: { size: '640x360' } });
  await rename(clip, sourceFile(mediaDir(dataDir, MEDIA.id)));
  return dataDir;
}

/** Runs the job of three qualities. `failing`: lines of a shell script that may end a run of ffmpeg. */
async function runJobWith(dataDir: string, failing: string, qualities: readonly Quality[] = THREE) {
  const [ffmpegPath, runs] = [join(dataDir, 'ffmpeg'), join(dataDir, 'runs')];
  const script = PROGRAM.replace('FAILING', () => failing).replace('$RUNS', runs);
  await writeFile(ffmpegPath, script, { mode: 0o755 });
  await writeFile(runs, '');
  const committed = await runMediaJob(dataDir, { ffmpegPath, qualities });
  return { committed, runs: (await readFile(runs, 'utf8')).trim().split('\n') };
}

function story(committed: readonly Publication[]): string[] {
  return committed.map(({ event: { type, body } }) => `${type} ${JSON.parse(body).qualities}`);
}

const STARTED = 'encoding.started 144p,240p,360p';
const FINISHED = 'encoding.finished 144p,240p,360p';

test('qualities of one run have the same files as each would have by itself', async (t) => {
  const dataDir = await withClip(t);
  const source = sourceFile(mediaDir(dataDir, MEDIA.id));
  // With several threads, two encodes of the same pictures differ.
  const limits = { ...DEFAULT_MEDIA_LIMITS, threads: 1 };
  const programs = { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal: new AbortController().signal, limits };
  const probed = await probe(source, programs);
  assert.ok(probed.ok);
  const options = {
    ...programs,
    source,
    probe: probed.probe,
    mediaType: 'video',
    segmentDuration: 1,
  } as const;
  const qualities = [...THREE, quality(3, '144p', { containerType: 'mp4' })] as const;
  const [alone, together] = [join(dataDir, 'alone'), join(dataDir, 'together')];
  for (const one of qualities) {
    const encoded = await encodeQuality({ ...options, minFreeBytes: 0, mediaDir: alone, quality: one });
    assert.deepEqual(encoded, { ok: true });
  }
  const [first, ...others] = qualities;
  const inOne = { ...options, minFreeBytes: 0, mediaDir: together, qualities: [first, ...others] } as const;
  assert.deepEqual(await encodeTogether({ ...inOne, qualities: [first as Quality, ...others] }), {
    ok: true,
    done: qualities,
  });

  for (const one of qualities) {
    const names = (await readdir(qualityDir(alone, one))).toSorted();
    assert.deepEqual((await readdir(qualityDir(together, one))).toSorted(), names);
    for (const name of names) {
      const [a, b] = [alone, together].map((dir) => readFile(join(qualityDir(dir, one), name)));
      assert.ok(
        (await a)?.equals((await b) as Buffer),
        `${one.position}-${one.resolution}/${name} is the same`,
      );
    }
  }
  assert.deepEqual(await readdir(workDir(together)), [], 'nothing unfinished is left');
  await assertAllPlaylists(together);
});

test('the smallest quality is ready first, and the others are encoded in one run', async (t) => {
  const { committed, runs } = await runJobWith(await withClip(t), '');
  assert.deepEqual(runs, ['alone', 'together']);
  const partials = ['partial.finished 144p', 'partial.finished 240p', 'partial.finished 360p'];
  assert.deepEqual(story(committed), [STARTED, ...partials, FINISHED]);
});

test('a restart encodes what is not ready in one run', async (t) => {
  const qualities = THREE.map((one) =>
    one.resolution === '144p' ? { ...one, status: 'done' as const } : one,
  );
  const dataDir = await withClip(t);
  await runMediaJob(dataDir, { qualities: [quality(2, '144p')] });
  const { committed, runs } = await runJobWith(dataDir, '', qualities);
  assert.deepEqual(runs, ['together']);
  const partials = ['partial.finished 240p', 'partial.finished 360p'];
  assert.deepEqual(story(committed), [STARTED, ...partials, FINISHED]);
});

test('a common run that fails or is killed leaves each quality to a run of its own', async (t) => {
  const dataDir = await withClip(t);
  for (const end of ['exit 1', 'kill -9 $$']) {
    const { committed, runs } = await runJobWith(dataDir, `[ $kind = together ] && ${end}`);
    assert.deepEqual(runs, ['alone', 'together', 'alone', 'alone'], end);
    assert.deepEqual(story(committed).at(-1), FINISHED, end);
    await rm(join(mediaDir(dataDir, MEDIA.id), 'public'), { recursive: true });
  }
});

test('a quality that cannot be encoded fails alone, for a reason of its own', async (t) => {
  const fails = 'case "$*" in *pad=426:240*) echo "240 lines exceed a limit" >&2; exit 1 ;; esac';
  const { committed, runs } = await runJobWith(await withClip(t), fails);
  assert.deepEqual(runs, ['alone', 'together', 'alone', 'alone']);
  const partials = ['partial.finished 144p', 'partial.finished 360p'];
  assert.deepEqual(story(committed), [STARTED, ...partials, 'encoding.failed 144p,240p,360p']);
  const step = committed.at(-1)?.step;
  assert.ok(step?.kind === 'failed');
  assert.match(step.reason, /^240p: .*240 lines exceed a limit$/);
});
