import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { COMMAND_LINE } from '../../domain/audit.ts';
import { ServiceError } from '../../domain/errors.ts';
import type { Media } from '../../domain/media.ts';
import type { Publication } from '../../storage/contracts/events.ts';
import { mediaDir, partsDir } from '../files/media-files.ts';
import { type ReceiveBytes, Uploads } from './uploads.ts';

const part = { userId: 'u', mediaId: 'm', place: { kind: 'whole' } } as const;
const signal = new AbortController().signal;

/** Creates uploads of the media `m`, whose storage, publisher and callbacks log what they are asked to do. */
async function newUploads(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'uploads-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const media = { id: 'm', userId: 'u', receivedAt: null as number | null, keptBytes: 0, qualities: [] };
  const log: string[] = [];
  const uploads = new Uploads({
    store: {
      find: async () => ({ ...media }) as unknown as Media,
      findAny: async () => ({ ...media }) as unknown as Media,
      reserveBytes: async (_id, bytes) => void log.push(`reserve ${JSON.stringify(bytes)}`),
    },
    publisher: {
      publish: async (publications: readonly Publication[]) => {
        const isFirst = media.receivedAt === null;
        media.receivedAt = 1;
        log.push(`publish ${publications[0]?.event.type}`);
        return [isFirst ? 'committed' : 'refused'];
      },
    },
    dataDir,
    maxFileBytes: 1_000,
    maxAccountBytes: 1_000,
    now: () => 1,
    onReceived: ({ id }) => void log.push(`received ${id}`),
    isSoundAlone: async () => false,
    admitEncoding: async () => undefined,
    discard: async (id) => void log.push(`discard ${id}`),
    countPart: async (receive) => {
      log.push('part begins');
      return receive().finally(() => log.push('part ends'));
    },
  });
  const parts = () => readdir(partsDir(mediaDir(dataDir, 'm'))).catch(() => []);
  return { uploads, log, parts, dir: partsDir(mediaDir(dataDir, 'm')) };
}

const NO_FIELDS = { hash: null, index: null };
const receiveTen = (receive: ReceiveBytes) => receive(Readable.from([Buffer.alloc(10)]), signal);

test('a part is admitted, received, counted and stored', async (t) => {
  const { uploads, log, parts } = await newUploads(t);
  await uploads.addPart(part, async (receive) => {
    await receiveTen(receive);
    return NO_FIELDS;
  });
  assert.deepEqual(log, ['reserve {"atLeast":1}', 'part begins', 'reserve {"atLeast":10}', 'part ends']);
  assert.deepEqual(await parts(), ['bytes-0-9-of-10']);
});

test('nothing is counted or stored when the request is refused after its bytes were received', async (t) => {
  const { uploads, log, parts } = await newUploads(t);
  const refusal = new ServiceError('unauthorized', 'the credential was revoked');
  const refused = uploads.addPart(part, async (receive) => {
    await receiveTen(receive);
    throw refusal;
  });
  await assert.rejects(refused, refusal);
  assert.deepEqual(log, ['reserve {"atLeast":1}', 'part begins', 'part ends']);
  assert.deepEqual(await parts(), []);
});

test('the state of an upload is read from its folder once after each part', async (t) => {
  const { uploads, dir } = await newUploads(t);
  const received = async () => (await uploads.state('u', 'm')).receivedBytes;
  const add = (start: number) =>
    uploads.addPart(
      { ...part, place: { kind: 'range', start, end: start + 9, total: 40 } },
      async (receive) => {
        await receiveTen(receive);
        return NO_FIELDS;
      },
    );
  assert.equal(await received(), 0);
  await add(0);
  assert.equal(await received(), 10);
  // The service does not look again, because no other process writes into the folder.
  await writeFile(join(dir, 'bytes-30-39-of-40'), '');
  assert.deepEqual([await received(), await received()], [10, 10]);
  await add(10);
  assert.equal(await received(), 30);
});

test('an upload that is completed twice at once is received once', async (t) => {
  const { uploads, log } = await newUploads(t);
  await uploads.addPart(part, async (receive) => {
    await receiveTen(receive);
    return NO_FIELDS;
  });
  log.splice(0);
  await Promise.all([uploads.complete('u', 'm', COMMAND_LINE), uploads.complete('u', 'm', COMMAND_LINE)]);
  assert.deepEqual(
    log.filter((entry) => entry.startsWith('received')),
    ['received m'],
  );
  await assert.rejects(
    uploads.addPart(part, async () => NO_FIELDS),
    { code: 'conflict' },
  );
});
