import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { mediaRoot } from '../../../src/data-folder/paths.ts';
import { mediaDir, scratchDir, trashDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

const UNKNOWN = 'entries that belong to no media of this database are kept';
const REMOVED = 'files of deleted media were removed';

async function createService(t: TestContext): Promise<ServiceProcess> {
  const service = await ServiceProcess.create({ settings: { MEDIAHOOKS_LOG_LEVEL: 'info' } });
  t.after(() => service.remove());
  return service;
}

/** Returns the entries with this message that a run has logged. */
async function stopAndReadLog(service: ServiceProcess, msg: string) {
  const { stderr } = await service.terminate();
  const entries = stderr.split('\n').filter((line) => line.startsWith('{'));
  return entries.map((line) => JSON.parse(line)).filter((entry) => entry.msg === msg);
}

test('a start with another, empty database removes no file, and logs what it found', async (t) => {
  const service = await createService(t);
  await service.start();
  const { id } = await service.client.createMedia();
  const part = await service.client.uploadPart(id, { bytes: Buffer.from('no media, but a file') });
  assert.equal(part.status, 200);
  assert.deepEqual(await stopAndReadLog(service, UNKNOWN), []);
  const root = mediaRoot(service.dataDir);
  // A folder that file systems have at their root.
  await mkdir(join(root, 'lost+found'));
  await writeFile(join(root, 'lost+found', 'inode'), 'found');

  const other = pathToFileURL(join(service.dataDir, 'other.sqlite')).href;
  await service.start({ MEDIAHOOKS_DATABASE_URL: other });
  const told = await stopAndReadLog(service, UNKNOWN);
  assert.equal(told.length, 1);
  assert.equal(told[0].count, 2);
  assert.deepEqual(told[0].examples.toSorted(), [id, 'lost+found'].toSorted());

  await service.start();
  assert.deepEqual(await readdir(join(root, 'lost+found')), ['inode']);
  await service.client.expect(200, 'GET', `/media/${id}/complete`);
});

test('files of a deleted media that are left are removed at the next start, and counted', async (t) => {
  const service = await createService(t);
  await service.start();
  const { id } = await service.client.createMedia();
  const kept = await service.client.createMedia();
  await service.client.uploadPart(kept.id, { bytes: Buffer.from('kept') });
  await service.client.expect(200, 'DELETE', `/media/${id}`);
  await service.kill();
  // The state after a process that was killed between the deletion and the removal.
  const left = mediaDir(service.dataDir, id);
  await mkdir(join(left, 'parts'), { recursive: true });
  await writeFile(join(left, 'source'), 'left');

  // A folder that was already moved to the trash.
  const trash = trashDir(service.dataDir);
  await mkdir(join(trash, 'x', 'parts'), { recursive: true });
  // A killed process may also leave the scratch directory of a custom thumbnail.
  const scratch = scratchDir(service.dataDir);
  await mkdir(join(scratch, 'y'), { recursive: true });

  await service.start();
  assert.ok(!existsSync(left));
  await eventually('the trash is removed', async () => (await readdir(trash)).length === 0);
  await eventually('scratch is empty', async () => (await readdir(scratch)).length === 0);
  assert.ok(existsSync(mediaDir(service.dataDir, kept.id)));
  const [removed, ...more] = await stopAndReadLog(service, REMOVED);
  assert.equal(removed.count, 1);
  assert.deepEqual(more, []);
});
