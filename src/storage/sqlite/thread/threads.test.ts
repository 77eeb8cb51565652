import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import type { Media } from '../../../domain/media.ts';
import type { Storage } from '../../contracts/storage.ts';
import {
  ALL_MEDIA,
  KEYS,
  newApiKey,
  newMedia,
  publication,
  STRANGER,
  T0,
  USER,
} from '../../testing/records.ts';
import { openSqliteStorage } from '../sqlite-storage.ts';
import { openRemoteSqliteStorage } from './client.ts';

/** Number of media of each account. A filter by tags reads them in several steps. */
const MEDIA = 150;
const TAGS = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(255, 't'));
const METADATA = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`.padEnd(255, 'k'), value: 'v' }));
/** Request that reads all media of an account, with their tags and metadata. */
const COSTLY = { ...ALL_MEDIA, limit: 1, tags: TAGS, metadata: METADATA };

let dir: string;
let storage: Storage;
/** Number of calls that were refused because too many of their account wait. */
let refused = 0;
const media: Media[] = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-threads-'));
  const file = join(dir, 'test.db');
  const filling = await openSqliteStorage({ file, keys: KEYS });
  for (const userId of [USER, STRANGER]) {
    for (let n = 0; n < MEDIA; n += 1)
      media.push(newMedia({ userId, tags: TAGS, metadata: METADATA, createdAt: T0 + n }));
  }
  await Promise.all(media.map((one) => filling.media.create(one, null, null)));
  await filling.close();
  storage = await openRemoteSqliteStorage({ file, keys: KEYS }, { onRefused: () => (refused += 1) });
  // The first read starts the reader.
  await storage.media.list(USER, { ...ALL_MEDIA, limit: 1 });
});

after(async () => {
  await storage.close();
  await rm(dir, { recursive: true });
});

/** Counts how many of the calls have ended. */
function counted(calls: readonly Promise<unknown>[]): { ended: number; all: Promise<unknown> } {
  const count = { ended: 0, all: Promise.all(calls) };
  for (const call of calls) void call.then(() => (count.ended += 1));
  return count;
}

const isLinux = process.platform === 'linux';
const skip = isLinux ? false : 'only Linux has a niceness for each thread';

test('the thread that reads gives way to the thread that commits and to the main thread', {
  skip,
}, async () => {
  const ids = await readdir('/proc/self/task');
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/self/task/${id}/stat`, 'utf8')));
  const niceness = stats.map((stat) => Number(stat.split(') ')[1]?.split(' ')[16]));
  const ours = getPriority();
  assert.deepEqual(
    niceness.filter((one) => one !== ours),
    [10],
  );
});

test('commits do not wait for reads, whatever the reads find', async () => {
  const lists = counted(Array.from({ length: 10 }, () => storage.media.list(USER, COSTLY)));
  // Makes all calls at once, so that a busy machine or disk cannot delay the later ones.
  const commits = Array.from({ length: 5 }, (_, n) => [
    storage.events.commit([publication('file.received', { mediaId: `m${n}` })], T0),
    storage.apiKeys.create(newApiKey(), null, null),
  ]);
  await Promise.all(commits.flat());
  assert.ok(lists.ended < 8, `${lists.ended} lists ended before ten commits`);
  await lists.all;
});

test('the reads of an account wait for its own reads, not for those of others', async () => {
  const lists = counted(Array.from({ length: 20 }, () => storage.media.list(USER, COSTLY)));
  const other = await storage.media.list(STRANGER, COSTLY);
  assert.equal(other.total, MEDIA);
  assert.ok(lists.ended < 10, `${lists.ended} lists of another account ended before`);
  await lists.all;
});

test('a short read does not wait for the long ones of its account', async () => {
  const lists = counted(Array.from({ length: 10 }, () => storage.media.list(USER, COSTLY)));
  await storage.media.find(USER, media[0]?.id ?? '');
  assert.ok(lists.ended < 5, `${lists.ended} lists ended before`);
  await lists.all;
});

const CHANGE = { at: T0, by: null };

/** Changes that an account can make in great number. */
const CHANGES: Record<string, (own: Media, n: number) => Promise<unknown>> = {
  'changes of media': ({ id }, n) => storage.media.update(USER, id, { title: `${n}` }, CHANGE),
  'reservations of bytes': (own, n) => storage.media.reserveBytes(own, { more: n }, 1_000_000),
};

for (const [name, change] of Object.entries(CHANGES)) {
  test(`an account with a thousand ${name} does not hold up the hot path or another account`, async () => {
    const own = media.filter(({ userId }) => userId === USER);
    const changes = counted(Array.from({ length: 900 }, (_, n) => change(own[n % MEDIA] as Media, n)));
    const endedBefore = (call: Promise<unknown>) => call.then(() => changes.ended);
    // Makes all calls at once, so that a busy machine cannot delay the later ones.
    const before = await Promise.all([
      endedBefore(storage.events.commit([publication('file.received', { mediaId: 'm' })], T0)),
      endedBefore(storage.media.update(STRANGER, media.at(-1)?.id ?? '', { title: 'mine' }, CHANGE)),
      changes.all,
    ]);
    assert.ok(before[0] < 200, `${before[0]} changes ended before a commit of events`);
    assert.ok(before[1] < 400, `${before[1]} changes ended before that of another account`);
  });
}

test('calls above the maximum that may wait are refused, of that account alone', async () => {
  const finds = Array.from({ length: 3_000 }, () => storage.media.find(USER, media[0]?.id ?? ''));
  const other = storage.media.find(STRANGER, media.at(-1)?.id ?? '');
  const outcomes = await Promise.allSettled(finds);
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  assert.ok(refusals.length > 0 && refusals.length <= 2_000, `${refusals.length} of 3,000 are refused`);
  assert.equal(refused, refusals.length);
  for (const { code, retryAfterS } of refusals) assert.deepEqual([code, retryAfterS], ['rate_limited', 1]);
  assert.equal((await other)?.userId, STRANGER);
});

test('a read sees every change that was acknowledged before', async () => {
  const { id } = media[0] as Media;
  const busy = storage.media.list(STRANGER, COSTLY);
  for (let n = 0; n < 100; n += 1) {
    await storage.media.update(USER, id, { title: `title ${n}` }, { at: T0, by: null });
    assert.equal((await storage.media.find(USER, id))?.title, `title ${n}`);
  }
  await busy;
});

test('the log is copied into the database although the reader is never idle', async () => {
  let isReading = true;
  const reading = Array.from({ length: 4 }, async () => {
    while (isReading) await storage.media.list(USER, COSTLY).catch(() => undefined);
  });
  const wal = join(dir, 'test.db-wal');
  const tags = TAGS.map((tag) => tag.replaceAll('t', '\u0001'));
  const { id } = media[1] as Media;
  const write = (n: number) =>
    storage.media.update(
      USER,
      id,
      { tags: tags.map((tag) => `${n}${tag}`.slice(0, 255)) },
      { at: T0, by: null },
    );
  for (let n = 0; n < 150; n += 1) await write(n);
  const { size } = await stat(wal);
  assert.ok(size < 32 * 1024 * 1024, `the log has ${size} bytes`);
  isReading = false;
  await Promise.all(reading);
});

/** Opens another storage, in a file of its own. @param isReading whether it has read, which starts its reader */
async function openAnother(isReading: boolean): Promise<Storage> {
  const file = join(await mkdtemp(join(dir, 'closed-')), 'test.db');
  const another = await openRemoteSqliteStorage({ file, keys: KEYS });
  if (isReading) await another.media.list(USER, { ...ALL_MEDIA, limit: 1 });
  return another;
}

/** Calls that read and that commit, of an account and of the service itself. */
function callEach({ media, accounts, apiKeys, events }: Storage): Promise<unknown>[] {
  return [
    media.list(USER, { ...ALL_MEDIA, limit: 1 }),
    accounts.find(USER),
    apiKeys.create(newApiKey(), null, null),
    events.commit([publication('file.received', { mediaId: 'm' })], T0),
  ];
}

for (const isReading of [true, false]) {
  const state = isReading ? 'that has been read' : 'that was never read';
  test(`a storage ${state} refuses calls from its close on, and carries out those before`, async () => {
    const another = await openAnother(isReading);
    const before = callEach(another);
    const closed = another.close();
    const during = Promise.allSettled(callEach(another));
    await closed;
    await Promise.all(before);
    const after = Promise.allSettled(callEach(another));
    for (const outcome of [...(await during), ...(await after)]) {
      const { code, message } = outcome.status === 'rejected' ? outcome.reason : assert.fail('fulfilled');
      assert.deepEqual({ code, message }, { code: 'unavailable', message: 'the service is stopping' });
    }
    await another.close();
  });
}

test('a thread that ends while the storage is closed does not keep the other one alive', async () => {
  const workers: Worker[] = [];
  const note = (worker: Worker) => workers.push(worker);
  process.on('worker', note);
  const another = await openAnother(true);
  process.off('worker', note);
  const [writer, reader] = workers;
  assert.ok(writer && reader);
  const writerEnded = once(writer, 'exit');
  // From here on, the reader answers no call, not even the one that closes it.
  const terminated = reader.terminate();
  await assert.rejects(another.close(), /the database is closed/);
  await terminated;
  await writerEnded;
});
