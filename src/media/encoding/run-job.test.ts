import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ServiceError } from '../../domain/errors.ts';
import { createLogger } from '../../logging/logger.ts';
import { mediaDir, partsDir, publicDir, sourceFile } from '../files/media-files.ts';
import { treeSize } from '../files/tree-size.ts';
import { MEDIA, type Refusal, runMediaJob, types } from './testing/media-job.ts';
import { makeClip } from './testing/sample-clips.ts';

/** Program of util-linux that changes the limits of a running process. */
const PRLIMIT = '/usr/bin/prlimit';

async function newDataDir(t: TestContext): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-encode-media-'));
  t.after(() => rm(dataDir, { recursive: true }));
  await mkdir(mediaDir(dataDir, MEDIA.id), { recursive: true });
  return dataDir;
}

async function withClip(t: TestContext): Promise<string> {
  const dataDir = await newDataDir(t);
  const clip = await makeClip(dataDir, 'clip.mp4', { seconds: 1, picture: { size: '128x72' } });
  await rename(clip, sourceFile(mediaDir(dataDir, MEDIA.id)));
  return dataDir;
}

test('the media is read once for each event', async (t) => {
  let reads = 0;
  const onRead = () => {
    reads += 1;
    return true;
  };
  const committed = await runMediaJob(await withClip(t), { onRead });
  assert.deepEqual(types(committed), ['encoding.started', 'partial.finished', 'encoding.finished']);
  assert.equal(reads, committed.length);
});

test('a media that is deleted between two steps emits nothing more', async (t) => {
  const dataDir = await withClip(t);
  for (const remaining of [0, 1, 2]) {
    let reads = 0;
    const onRead = () => {
      reads += 1;
      return reads <= remaining;
    };
    const committed = await runMediaJob(dataDir, { onRead });
    assert.deepEqual(types(committed), ['encoding.started', 'partial.finished'].slice(0, remaining));
  }
});

/** Refuses each request once. */
function onceEach(code: 'storage_full' | 'overloaded'): { refuse: Refusal; refused: Set<string> } {
  const refused = new Set<string>();
  const refuse: Refusal = (what) => {
    if (refused.has(what)) return;
    refused.add(what);
    throw new ServiceError(code, 'not now');
  };
  return { refuse, refused };
}

test('a full database, whatever it refuses first, fails no media', async (t) => {
  const dataDir = await withClip(t);
  const { refuse, refused } = onceEach('storage_full');
  const committed = await runMediaJob(dataDir, { refuse });
  assert.deepEqual(types(committed), ['encoding.started', 'partial.finished', 'encoding.finished']);
  assert.deepEqual(
    [...refused],
    [
      ...['encoding.started', 'reserve encoded bytes', 'save probe', 'move quality', 'partial.finished'],
      ...['save encoded bytes', 'encoding.finished'],
    ],
  );
});

test('an overloaded storage delays the end of a media, and is not its reason', async (t) => {
  const dataDir = await newDataDir(t);
  await writeFile(sourceFile(mediaDir(dataDir, MEDIA.id)), 'no media');
  const { refuse, refused } = onceEach('overloaded');
  const committed = await runMediaJob(dataDir, { refuse });
  assert.deepEqual(types(committed), ['encoding.started', 'encoding.failed']);
  assert.deepEqual([...refused], ['encoding.started', 'save encoded bytes', 'encoding.failed']);
  const step = committed[1]?.step;
  assert.ok(step?.kind === 'failed');
  assert.match(step.reason, /damaged/);
});

test('a media that fails before its first encode still starts, and then fails', async (t) => {
  const breakings: [breaking: (dir: string) => Promise<void>, reason: RegExp][] = [
    [async () => {}, /not complete: no part/],
    [async (dir) => writeFile(partsDir(dir), 'a file, and no directory'), /internal error/],
    [(dir) => mkdir(sourceFile(dir)), /./],
  ];
  for (const [breaking, reason] of breakings) {
    const dataDir = await newDataDir(t);
    await breaking(mediaDir(dataDir, MEDIA.id));
    const committed = await runMediaJob(dataDir);
    assert.deepEqual(types(committed), ['encoding.started', 'encoding.failed']);
    const step = committed[1]?.step;
    assert.ok(step?.kind === 'failed');
    assert.match(step.reason, reason);
  }
});

test('a process that can open no more files waits until it can', {
  skip: !existsSync(PRLIMIT),
}, async (t) => {
  const dataDir = await withClip(t);
  const handles = await LimitedHandles.impose();
  let waits = 0;
  const logger = createLogger('fatal');
  logger.warn = () => {
    waits += 1;
    if (waits === 3) handles.lift();
  };
  const committed = await runMediaJob(dataDir, { logger }).finally(async () => {
    handles.lift();
    await handles.lifted;
  });
  assert.ok(waits >= 3);
  assert.deepEqual(types(committed), ['encoding.started', 'partial.finished', 'encoding.finished']);
});

test('an ffmpeg that cannot be started because something is missing is started later', async (t) => {
  const dataDir = await withClip(t);
  for (const missing of [
    'Resource temporarily unavailable',
    'Cannot allocate memory',
    'Too many open files',
  ]) {
    await rm(publicDir(mediaDir(dataDir, MEDIA.id)), { recursive: true, force: true });
    const tries = join(dataDir, 'tries');
    const ffmpegPath = join(dataDir, 'ffmpeg');
    // Fails as setpriv and prlimit do, six times, which is more often than a killed encoder is started.
    const refusal = `echo "prlimit: failed to execute ffmpeg: ${missing}" >&2; exit 126`;
    const script = `[ $(wc -l < '${tries}') -le 6 ] && { echo >> '${tries}'; ${refusal}; }\nexec ffmpeg "$@"\n`;
    await writeFile(tries, '');
    await writeFile(ffmpegPath, `#!/bin/sh\n${script}`, { mode: 0o755 });
    const committed = await runMediaJob(dataDir, { ffmpegPath });
    assert.deepEqual(
      types(committed),
      ['encoding.started', 'partial.finished', 'encoding.finished'],
      missing,
    );
  }
});

test('a storage that fails with any error is asked again until it answers', async (t) => {
  const dataDir = await withClip(t);
  const refused = new Set<string>();
  const refuse: Refusal = (what) => {
    if (refused.has(what)) return;
    refused.add(what);
    throw new Error('storage: Error: database is locked');
  };
  const committed = await runMediaJob(dataDir, { refuse });
  assert.deepEqual(types(committed), ['encoding.started', 'partial.finished', 'encoding.finished']);
  assert.equal(refused.size, 7);
});

/** Lets this process open no more files, until another process, which was started before, lifts the limit. */
class LimitedHandles {
  readonly lift: () => void;
  readonly lifted: Promise<unknown>;

  private constructor(lift: () => void, lifted: Promise<unknown>) {
    this.lift = lift;
    this.lifted = lifted;
  }

  static async impose(): Promise<LimitedHandles> {
    const limit = (handles: number | string) => [`--pid=${process.pid}`, `--nofile=${handles}:`];
    const before = execFileSync(PRLIMIT, [
      `--pid=${process.pid}`,
      '--nofile',
      '--raw',
      '--noheadings',
      '--output=SOFT',
    ]);
    const lifting = spawn('sh', ['-c', 'read go; exec "$0" "$@"', PRLIMIT, ...limit(`${before}`.trim())], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(lifting, 'spawn');
    // A new handle gets the lowest free number.
    const lowestFree = openSync('/dev/null', 'r');
    closeSync(lowestFree);
    execFileSync(PRLIMIT, limit(lowestFree), { stdio: 'ignore' });
    return new LimitedHandles(() => void lifting.stdin.end('go\n'), once(lifting, 'close'));
  }
}

test('room for all files is reserved before anything is written, and replaced by what they take', async (t) => {
  const dataDir = await withClip(t);
  const dir = mediaDir(dataDir, MEDIA.id);
  const log: [what: string, bytes: number][] = [];
  const onReserved = (bytes: number) => {
    assert.equal(existsSync(publicDir(dir)), false);
    log.push(['reserved', bytes]);
  };
  const onCounted = (bytes: number) => void log.push(['counted', bytes]);
  const committed = await runMediaJob(dataDir, { onReserved, onCounted });
  assert.equal(types(committed).at(-1), 'encoding.finished');
  const { bytes } = await treeSize(publicDir(dir));
  assert.deepEqual(log.slice(1), [['counted', bytes]], 'the estimate was enough');
  const [what, reserved = 0] = log[0] ?? [];
  assert.ok(what === 'reserved' && reserved > bytes && reserved < 4 * 1024 ** 2, `${reserved}`);
});

test('a media for which the account has no room fails with a reason, before anything is encoded', async (t) => {
  const dataDir = await withClip(t);
  const onReserved = () => {
    throw new ServiceError('limit_reached', 'the encoded files of the account take too much');
  };
  const [started, failed, ...others] = await runMediaJob(dataDir, { onReserved });
  assert.deepEqual(
    [started?.event.type, failed?.event.type, others],
    ['encoding.started', 'encoding.failed', []],
  );
  assert.deepEqual(failed?.step, {
    kind: 'failed',
    mediaId: MEDIA.id,
    reason: 'the encoded files of the account take too much',
  });
  assert.equal(existsSync(publicDir(mediaDir(dataDir, MEDIA.id))), false);
});
