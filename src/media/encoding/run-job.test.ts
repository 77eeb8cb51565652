import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ServiceError } from '../../domain/errors.ts';
import type { Media, MediaStatus, MediaStep } from '../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import { Publisher } from '../../events/publisher.ts';
import { createLogger, type Logger } from '../../logging/logger.ts';
import type { Publication } from '../../storage/contracts/events.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import { mediaDir, partsDir, publicDir, sourceFile } from '../files/media-files.ts';
import { FairSlots } from './fair-slots.ts';
import { UNKNOWN_BUILD } from './ffmpeg/capabilities.ts';
import { runJob } from './run-job.ts';
import { FFMPEG, FFPROBE, makeClip } from './testing/sample-clips.ts';

const MEDIA: Media = {
  id: 'm',
  userId: 'u',
  title: 'A clip',
  description: '',
  type: 'video',
  status: 'new',
  qualities: [
    {
      position: 0,
      resolution: '144p',
      type: 'hls',
      containerType: 'mpegts',
      videoCodec: 'h264',
      videoBitrate: null,
      audioCodec: 'aac',
      audioBitrate: null,
      status: 'waiting',
    },
  ],
  isPublic: true,
  isMp4: false,
  tags: [],
  metadata: [],
  segmentDuration: 4,
  duration: 0,
  size: 1,
  keptBytes: 1,
  error: null,
  notes: [],
  hasThumbnail: false,
  hasTakenThumbnail: false,
  hasDefaultQualities: false,
  receivedAt: 1,
  createdAt: 1,
  updatedAt: 1,
};

/** Program of util-linux that changes the limits of a running process. */
const PRLIMIT = '/usr/bin/prlimit';

/** Called with each request to the storage; may throw. */
type Refusal = (what: string) => void;

async function newDataDir(t: TestContext): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-encode-media-'));
  t.after(() => rm(dataDir, { recursive: true }));
  await mkdir(mediaDir(dataDir, MEDIA.id), { recursive: true });
  return dataDir;
}

interface Encoding {
  readonly refuse?: Refusal;
  readonly logger?: Logger;
  /** Called with each read of the media; returns whether it still exists. */
  readonly onRead?: () => boolean;
  readonly ffmpegPath?: string;
}

/** Encodes with a storage in memory. `refuse` may refuse a request by throwing. */
async function encode(
  dataDir: string,
  {
    refuse = () => {},
    logger = createLogger('fatal'),
    onRead = () => true,
    ffmpegPath = FFMPEG,
  }: Encoding = {},
): Promise<Publication[]> {
  const media = structuredClone(MEDIA) as { -readonly [Key in keyof Media]: Media[Key] };
  const committed: Publication[] = [];
  const publisher = new Publisher({
    events: {
      commit: async (publications) => {
        for (const { event } of publications) refuse(event.type);
        const outcomes = publications.map((publication) => {
          const status = statusAfter(publication.step, media.status);
          if (status === null) return 'refused';
          media.status = status;
          committed.push(publication);
          return 'committed';
        });
        return { outcomes, ready: [] };
      },
    },
    now: Date.now,
    steadyNow: Date.now,
    untilRoom: async () => undefined,
    onReady: () => {},
    onMoreReady: () => undefined,
  });
  const store: Partial<MediaStore> = {
    findAny: async () => (onRead() ? structuredClone(media) : null),
    saveProbe: async () => refuse('save probe'),
    moveQuality: async () => refuse('move quality'),
  };
  await runJob({
    mediaId: MEDIA.id,
    mediaDir: mediaDir(dataDir, MEDIA.id),
    account: MEDIA.userId,
    priority: 1,
    signal: new AbortController().signal,
    onProgress: () => {},
    store: store as MediaStore,
    publisher,
    slots: new FairSlots({ count: 1 }),
    ffmpegPath,
    ffprobePath: FFPROBE,
    capabilities: Promise.resolve(UNKNOWN_BUILD),
    limits: DEFAULT_MEDIA_LIMITS,
    minFreeBytes: 0,
    logger,
    now: Date.now,
    retryDelays: { firstMs: 1, mostMs: 5 },
  });
  return committed;
}

/** Returns the status after a step; `null`: the step is refused in this state. */
function statusAfter(step: MediaStep | null, status: MediaStatus): MediaStatus | null {
  if (step?.kind === 'started') return status === 'new' ? 'transcoding' : null;
  if (status !== 'transcoding') return null;
  if (step?.kind === 'finished') return 'done';
  return step?.kind === 'failed' ? 'fail' : status;
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
  const committed = await encode(await withClip(t), { onRead });
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
    const committed = await encode(dataDir, { onRead });
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

function types(committed: readonly Publication[]): string[] {
  return committed.map(({ event }) => event.type);
}

test('a full database, whatever it refuses first, fails no media', async (t) => {
  const dataDir = await withClip(t);
  const { refuse, refused } = onceEach('storage_full');
  const committed = await encode(dataDir, { refuse });
  assert.deepEqual(types(committed), ['encoding.started', 'partial.finished', 'encoding.finished']);
  assert.deepEqual(
    [...refused],
    ['encoding.started', 'save probe', 'move quality', 'partial.finished', 'encoding.finished'],
  );
});

test('an overloaded storage delays the end of a media, and is not its reason', async (t) => {
  const dataDir = await newDataDir(t);
  await writeFile(sourceFile(mediaDir(dataDir, MEDIA.id)), 'no media');
  const { refuse, refused } = onceEach('overloaded');
  const committed = await encode(dataDir, { refuse });
  assert.deepEqual(types(committed), ['encoding.started', 'encoding.failed']);
  assert.deepEqual([...refused], ['encoding.started', 'encoding.failed']);
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
    const committed = await encode(dataDir);
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
  const committed = await encode(dataDir, { logger }).finally(async () => {
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
    const committed = await encode(dataDir, { ffmpegPath });
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
  const committed = await encode(dataDir, { refuse });
  assert.deepEqual(types(committed), ['encoding.started', 'partial.finished', 'encoding.finished']);
  assert.equal(refused.size, 5);
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
