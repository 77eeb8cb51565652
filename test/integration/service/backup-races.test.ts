import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeBackup } from '../../../src/backup/make-backup.ts';
import type { Media } from '../../../src/domain/media.ts';
import { customThumbnailFile, mediaDir } from '../../../src/media/files/media-files.ts';
import { uploadedFile } from '../../../src/media/uploads/uploaded-file.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { copyStorage, openStorage } from '../../../src/storage/open-storage.ts';
import { KEYS, newMedia, newQuality, T0, USER } from '../../../src/storage/testing/records.ts';

const PARTS = ['parts/bytes-0-2-of-6', 'parts/bytes-3-5-of-6'];
const DONE = {
  status: 'done',
  receivedAt: T0,
  qualities: [newQuality(0, { status: 'done', type: 'hls' })],
} as const;
const DONE_FILES = ['source', 'public/hls/master.m3u8'];

/** A data folder in which a test changes something after the database was copied, and before the files are. */
class Scene {
  readonly root: string;
  readonly dataDir: string;
  readonly backup: string;
  readonly live: Storage;

  private constructor(root: string, live: Storage) {
    this.root = root;
    this.dataDir = join(root, 'data');
    this.backup = join(root, 'backup');
    this.live = live;
  }

  static async set(t: TestContext): Promise<Scene> {
    const root = await mkdtemp(join(tmpdir(), 'mediahooks-races-'));
    await mkdir(join(root, 'data'));
    const live = await openIn(join(root, 'data'));
    t.after(async () => {
      await live.close();
      await rm(root, { recursive: true });
    });
    return new Scene(root, live);
  }

  /** Creates a media with files. */
  async media(fields: Partial<Media>, files: readonly string[]): Promise<Media> {
    const media = newMedia(fields);
    await this.live.media.create(media, null, null);
    for (const file of files) await this.write(media, file);
    for (const { position, resolution, status } of media.qualities)
      if (status === 'done') await this.write(media, `public/hls/${position}-${resolution}/index.m3u8`);
    return media;
  }

  async write({ id }: Media, file: string): Promise<void> {
    const path = this.file(id, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'abc');
  }

  file(id: string, name: string): string {
    return join(mediaDir(this.dataDir, id), name);
  }

  /** Makes a backup, and calls `meanwhile` when the database was copied. Returns the database of the backup. */
  async backUp(t: TestContext, meanwhile: () => Promise<unknown>): Promise<[Storage, string[]]> {
    const { incomplete_media } = await makeBackup(
      {
        dataDir: this.dataDir,
        live: this.live,
        copyDatabase: async (file) => {
          await copyStorage(pathToFileURL(join(this.dataDir, 'mediahooks.sqlite')), file);
          await meanwhile();
        },
        openCopy: openIn,
        version: '0.0.0',
        now: () => T0 + 1,
      },
      { dir: this.backup, linked: false, hasEncryptionKey: false },
    );
    const copy = await openIn(this.backup);
    t.after(() => copy.close());
    return [copy, [...incomplete_media]];
  }
}

function openIn(dir: string): Promise<Storage> {
  return openStorage(pathToFileURL(join(dir, 'mediahooks.sqlite')), { keys: KEYS, inThreads: false });
}

test('a media that is deleted during the backup is deleted in the backup, too, with its record', async (t) => {
  const scene = await Scene.set(t);
  const media = await scene.media(DONE, DONE_FILES);
  const kept = await scene.media(DONE, DONE_FILES);
  const [copy, incomplete] = await scene.backUp(t, async () => {
    await scene.live.media.delete(USER, media.id, { at: T0, by: null });
    await rm(mediaDir(scene.dataDir, media.id), { recursive: true });
  });
  assert.equal(await copy.media.findAny(media.id), null);
  assert.deepEqual(await copy.media.findAny(kept.id), kept);
  const database = new DatabaseSync(join(scene.backup, 'mediahooks.sqlite'), { readOnly: true });
  const record = database.prepare('select action, credential from audit_records where target_id = ?');
  assert.deepEqual({ ...record.get(media.id) }, { action: 'media.deleted', credential: 'command_line' });
  database.close();
  assert.deepEqual(await readdir(join(scene.backup, 'media')), [kept.id]);
  assert.deepEqual(incomplete, []);
});

test('a thumbnail that is removed during the backup is removed in the backup, too', async (t) => {
  const scene = await Scene.set(t);
  const files = [...DONE_FILES, 'public/custom-thumbnail.jpg'];
  const media = await scene.media({ ...DONE, hasThumbnail: true }, files);
  const [copy, incomplete] = await scene.backUp(t, async () => {
    await scene.live.media.setThumbnail(USER, media.id, false, { at: T0, by: null });
    await rm(customThumbnailFile(mediaDir(scene.dataDir, media.id)));
  });
  assert.equal((await copy.media.findAny(media.id))?.hasThumbnail, false);
  assert.deepEqual(incomplete, []);
});

test('an upload whose source is made of its parts during the backup is whole in the backup', async (t) => {
  const scene = await Scene.set(t);
  const media = await scene.media({ status: 'new', receivedAt: T0 }, PARTS);
  const [, incomplete] = await scene.backUp(t, async () => {
    await rename(scene.file(media.id, PARTS[0] ?? ''), scene.file(media.id, 'source'));
    await rm(scene.file(media.id, 'parts'), { recursive: true });
  });
  assert.equal((await uploadedFile(mediaDir(scene.backup, media.id))).kind, 'assembled');
  assert.deepEqual(incomplete, []);
});

test('parts that are being received, and what ffmpeg is writing, are left out; stored parts are not', async (t) => {
  const scene = await Scene.set(t);
  const media = await scene.media({ status: 'new' }, [...PARTS, 'parts/0a1b.tmp', 'work/0a1b/segment.ts']);
  const later = newMedia({ status: 'new' });
  await scene.backUp(t, async () => {
    await scene.write(media, 'parts/0a1c.tmp');
    await scene.write(later, PARTS[0] ?? '');
  });
  const files = await readdir(join(scene.backup, 'media'), { recursive: true });
  assert.deepEqual(files.filter((name) => name.includes('bytes')).length, 2);
  assert.deepEqual(
    files.filter((name) => /tmp|work|segment/.test(name) || name.includes(later.id)),
    [],
  );
});

test('files that are missing in the data folder, too, do not prevent a backup, and are reported', async (t) => {
  const scene = await Scene.set(t);
  const lost: Media[] = [];
  for (const missing of DONE_FILES) {
    const files = DONE_FILES.filter((name) => name !== missing);
    lost.push(await scene.media(DONE, files));
  }
  lost.push(await scene.media({ ...DONE, isMp4: true }, DONE_FILES));
  lost.push(await scene.media({ ...DONE, hasTakenThumbnail: true }, DONE_FILES));
  lost.push(await scene.media({ status: 'transcoding', receivedAt: T0 }, PARTS.slice(1)));
  await scene.media({ status: 'fail', receivedAt: T0 }, []);
  await scene.media(DONE, DONE_FILES);
  const [copy, incomplete] = await scene.backUp(t, async () => undefined);
  assert.deepEqual(incomplete.toSorted(), lost.map(({ id }) => id).toSorted());
  assert.ok(await copy.media.findAny(lost[0]?.id ?? ''));
});
