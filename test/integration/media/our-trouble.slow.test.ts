import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { makeClip } from '../../support/media/clips.ts';
import { FfmpegWrapper } from '../../support/media/ffmpeg-wrapper.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';
import { lockDatabase } from '../../support/storage/database-lock.ts';

/** Encodes that meet trouble of the machine, and must go on when it is over. */

const PRLIMIT = '/usr/bin/prlimit';

interface Encoding extends TestService {
  readonly receiver: Receiver;
  /** Fulfils when an ffmpeg waits at the gate: `thumbnail` or `encode`. */
  untilAt(gate: Gate): Promise<unknown>;
  open(gate: Gate): Promise<void>;
  /** Fulfils when this number of further calls of the storage has failed. */
  untilRefused(calls: number): Promise<unknown>;
}

type Gate = 'thumbnail' | 'encode';

/** Starts a service whose ffmpeg processes wait at a gate until the test opens it. */
async function startEncoding(t: TestContext): Promise<Encoding> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-gates-'));
  const ffmpeg = await FfmpegWrapper.create(`
    case "$*" in *made.jpg*) gate=thumbnail;; *) gate=encode;; esac
    echo > "${dir}/$gate-waits"
    while [ ! -e "${dir}/$gate-open" ]; do sleep 0.05; done`);
  let failures = 0;
  const layer = (storage: Storage): Storage => {
    const onFailure = () => {
      failures += 1;
    };
    const { media, events, usage } = storage;
    return {
      ...storage,
      media: counting(media, onFailure),
      events: counting(events, onFailure),
      usage: counting(usage, onFailure),
    };
  };
  const service = await startTestService({ MEDIAHOOKS_FFMPEG: ffmpeg.path }, { layer });
  const receiver = await Receiver.start();
  t.after(async () => {
    await service.stop();
    await receiver.stop();
    await ffmpeg.remove();
    await rm(dir, { recursive: true });
  });
  await service.client.createWebhook(receiver.url);
  return {
    ...service,
    receiver,
    untilAt: (gate) =>
      eventually(`an ffmpeg waits at ${gate}`, async () => existsSync(`${dir}/${gate}-waits`)),
    open: (gate) => writeFile(`${dir}/${gate}-open`, ''),
    untilRefused: (calls) => {
      const enough = failures + calls;
      return eventually(`${calls} calls were refused`, async () => failures >= enough);
    },
  };
}

/** Returns a store that calls another one, and tells of each call that fails. */
function counting<Store extends object>(store: Store, onFailure: () => void): Store {
  const call =
    (_: object, method: string) =>
    (...args: unknown[]) =>
      (store as Record<string, (...given: unknown[]) => Promise<unknown>>)
        [method]?.(...args)
        .catch((error) => {
          onFailure();
          throw error;
        });
  return new Proxy({}, { get: call }) as Store;
}

/** Asserts that a media is done, and that each of its events was sent once and in order. */
async function assertDone({ client, receiver }: Encoding, id: string): Promise<void> {
  await receiver.until(() => receiver.types(id).includes('encoding.finished'));
  assert.deepEqual(receiver.types(id), [
    ...['file.received', 'encoding.started', 'partial.finished', 'encoding.finished'],
  ]);
  const { data } = await client.expect(200, 'GET', `/media/${id}`);
  assert.deepEqual([data.status, data.error], ['done', null]);
}

const QUALITIES = { qualities: [{ resolution: '144p' }] };

test('encodes outlast a lock on the database that another process holds for long', async (t) => {
  const encoding = await startEncoding(t);
  const clip = await makeClip({ width: 128, height: 72 });
  const id = await encoding.client.upload(clip, QUALITIES);
  await encoding.untilAt('thumbnail');
  const file = join(encoding.dataDir, 'mediahooks.sqlite');
  const release = await lockDatabase(file);
  await encoding.open('thumbnail');
  await encoding.untilRefused(2);
  await release();
  await encoding.untilAt('encode');

  const releaseAgain = await lockDatabase(file);
  await encoding.open('encode');
  await encoding.untilRefused(1);
  await releaseAgain();
  await assertDone(encoding, id);
});

test('encodes outlast I/O errors of the database', { skip: !existsSync(PRLIMIT) }, async (t) => {
  // With a handler, the signal for a file that is too large does not end this process, and the write fails.
  process.on('SIGXFSZ', () => undefined);
  const limitFiles = (bytes: string) =>
    execFileSync(PRLIMIT, [`--pid=${process.pid}`, `--fsize=${bytes}:`], { stdio: 'ignore' });
  t.after(() => limitFiles('unlimited'));
  const encoding = await startEncoding(t);
  const id = await encoding.client.upload(await makeClip({ width: 128, height: 72 }), QUALITIES);
  await encoding.open('thumbnail');
  await encoding.untilAt('encode');
  // Playlists are smaller. The write-ahead log is longer, so that SQLite gets an error, and reports SQLITE_IOERR.
  limitFiles('16384');
  await encoding.open('encode');
  await encoding.untilRefused(2);
  limitFiles('unlimited');
  await assertDone(encoding, id);
});
