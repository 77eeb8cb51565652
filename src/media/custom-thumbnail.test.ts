import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { COMMAND_LINE } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Media } from '../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../domain/media-limits.ts';
import { CustomThumbnails, type CustomThumbnailsOptions } from './custom-thumbnail.ts';
import { FFMPEG, makeClip } from './encoding/testing/sample-clips.ts';
import { customThumbnailFile, mediaDir, scratchDir } from './files/media-files.ts';

const by = COMMAND_LINE;
const refusal = new ServiceError('storage_full', 'the disk is full');

/** Creates the use cases in a new data folder, with a media `m` whose thumbnail was set before. */
async function newThumbnails(t: TestContext, store: Partial<CustomThumbnailsOptions['store']> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'custom-thumbnail-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const file = customThumbnailFile(mediaDir(dataDir, 'm'));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'before');
  const log: string[] = [];
  const thumbnails = new CustomThumbnails({
    store: {
      find: async () => ({ id: 'm' }) as Media,
      setThumbnail: async (_userId, _id, hasThumbnail, change) => {
        assert.deepEqual(change, { at: 1234, by });
        log.push(`set ${hasThumbnail}, file ${existsSync(file) ? 'present' : 'absent'}`);
        return true;
      },
      ...store,
    },
    usage: { reserveThumbnail: async () => undefined, saveThumbnail: async () => undefined },
    mostEncodedBytes: null,
    dataDir,
    ffmpegPath: FFMPEG,
    limits: DEFAULT_MEDIA_LIMITS,
    discard: async (id) => void log.push(`discard ${id}`),
    now: () => 1234,
  });
  const scratch = () => readdir(scratchDir(dataDir)).catch(() => []);
  return { thumbnails, dataDir, file, log, scratch };
}

test('a picture is converted in a scratch directory, and stored once its file is there', async (t) => {
  const { thumbnails, dataDir, file, log, scratch } = await newThumbnails(t);
  const source = await makeClip(dataDir, 'picture.png', {
    seconds: 1,
    picture: { size: '64x64' },
    tone: false,
    args: ['-frames:v', '1', '-c:v', 'png', '-pix_fmt', 'rgb24'],
  });
  const receive = async (target: string) => {
    assert.ok(target.startsWith(`${scratchDir(dataDir)}/`), target);
    await copyFile(source, target);
  };
  await thumbnails.set('u', 'm', { by, receive });
  assert.deepEqual(log, ['set true, file present']);
  assert.equal((await readFile(file)).subarray(0, 3).toString('hex'), 'ffd8ff');
  assert.deepEqual(await scratch(), []);
});

test('a refused picture, or a request that breaks off, changes nothing', async (t) => {
  const { thumbnails, file, log, scratch } = await newThumbnails(t);
  const noPicture = (target: string) => writeFile(target, 'no picture');
  await assert.rejects(thumbnails.set('u', 'm', { by, receive: noPicture }), {
    code: 'unsupported_media_type',
    message: /^file: expected a picture/,
  });
  const cutOff = async () => {
    throw refusal;
  };
  await assert.rejects(thumbnails.set('u', 'm', { by, receive: cutOff }), refusal);
  assert.deepEqual(log, []);
  assert.equal(await readFile(file, 'utf8'), 'before');
  assert.deepEqual(await scratch(), []);
});

test('a media that is deleted while its picture is received is discarded', async (t) => {
  let finds = 0;
  const find = async () => (++finds === 1 ? ({ id: 'm' } as Media) : null);
  const { thumbnails, log } = await newThumbnails(t, { find });
  const receive = (target: string) => writeFile(target, 'no picture');
  await assert.rejects(thumbnails.set('u', 'm', { by, receive }), { code: 'not_found' });
  assert.deepEqual(log, ['discard m']);
});

test('a thumbnail is removed in the storage first, then its file', async (t) => {
  const { thumbnails, file, log } = await newThumbnails(t);
  await thumbnails.remove('u', 'm', by);
  assert.deepEqual(log, ['set false, file present']);
  assert.ok(!existsSync(file));
});

test('the file stays when the storage refuses or does not know the media', async (t) => {
  const refused = await newThumbnails(t, {
    setThumbnail: async () => {
      throw refusal;
    },
  });
  await assert.rejects(refused.thumbnails.remove('u', 'm', by), refusal);
  assert.ok(existsSync(refused.file));

  const unknown = await newThumbnails(t, { setThumbnail: async () => false });
  await assert.rejects(unknown.thumbnails.remove('u', 'm', by), { code: 'not_found' });
  assert.ok(existsSync(unknown.file));
});
