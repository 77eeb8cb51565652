import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { mediaDir, publicDir } from '../../../src/media/files/media-files.ts';
import { treeSize } from '../../../src/media/files/tree-size.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { makeClip } from '../../support/media/clips.ts';
import { type ApiClient, formWithFile } from '../../support/service/api-client.ts';
import { scrape } from '../../support/service/metrics.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Room for one quality of a second: at least 2 MiB are reserved for a media, and it takes much less. */
const MOST = 2_400_000;
const SMALL = { qualities: [{ resolution: '144p' }], is_mp4: true };

let service: TestService;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_MAX_ACCOUNT_ENCODED_BYTES: String(MOST) });
});

after(() => service.stop());

/** Returns the bytes of encoded files and thumbnails that count for an account. */
function counted({ credentials }: ApiClient): number {
  const database = new DatabaseSync(join(service.dataDir, 'mediahooks.sqlite'), { readOnly: true });
  try {
    const usage = database.prepare('select encoded_bytes as bytes from account_usage where user_id = ?');
    return Number(usage.get(credentials.userId)?.bytes ?? 0);
  } finally {
    database.close();
  }
}

const onDisk = async (id: string) => (await treeSize(publicDir(mediaDir(service.dataDir, id)))).bytes;

async function encoded(client: ApiClient, fields: object) {
  const id = await client.upload(await makeClip(), { ...fields });
  let media = (await client.expect(200, 'GET', `/media/${id}`)).data;
  await eventually('the encoding has ended', async () => {
    media = (await client.expect(200, 'GET', `/media/${id}`)).data;
    return media.status === 'done' || media.status === 'fail';
  });
  return media;
}

/** Sets a thumbnail of noise, which is a large file. */
async function setThumbnail(client: ApiClient, id: string, size: string) {
  const args = ['-v', 'error', '-f', 'lavfi', '-i', `color=gray:size=${size},noise=alls=100`];
  const output = ['-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '2', '-f', 'image2pipe', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', [...args, ...output], {
    encoding: 'buffer',
    maxBuffer: 2 ** 24,
  });
  return client.send(`/media/${id}/thumbnail`, { method: 'POST', body: formWithFile(stdout) });
}

test('what encoding makes, and custom thumbnails, count with the bytes that they take, until they are deleted', async () => {
  const { client } = await service.newAccount();
  const first = await encoded(client, SMALL);
  assert.equal(first.status, 'done');
  const bytes = await onDisk(first.id);
  assert.ok(bytes > 10_000);
  assert.equal(counted(client), bytes);
  assert.equal((await setThumbnail(client, first.id, '320x180')).status, 200);
  const withThumbnail = await onDisk(first.id);
  assert.ok(withThumbnail > bytes);
  assert.equal(counted(client), withThumbnail);
  await client.expect(200, 'DELETE', `/media/${first.id}/thumbnail`);
  assert.equal(counted(client), bytes);
  await client.expect(200, 'DELETE', `/media/${first.id}`);
  assert.equal(counted(client), 0);
});

test('a media that needs more than is left fails at once, with a reason, and a deletion makes room', async () => {
  const { client } = await service.newAccount();
  const first = await encoded(client, SMALL);
  const before = counted(client);
  const many = { qualities: Array.from({ length: 20 }, () => ({ resolution: '144p' })) };
  const failed = await encoded(client, many);
  assert.deepEqual(
    [failed.status, failed.qualities.map(({ status }: { status: string }) => status)],
    ['fail', many.qualities.map(() => 'waiting')],
  );
  assert.match(
    failed.error,
    /^the encoded files of the account take \d+ bytes, and may take 2400000: up to \d+ more do not fit; delete media/,
  );
  assert.equal(counted(client), before);
  await client.expect(200, 'DELETE', `/media/${first.id}`);
  assert.equal((await encoded(client, SMALL)).status, 'done');
});

test('an account without room can neither create nor complete a media, nor set a larger thumbnail', async () => {
  const { client } = await service.newAccount();
  const open = await client.createMedia(SMALL);
  assert.equal((await client.uploadPart(open.id, { bytes: await makeClip() })).status, 200);
  assert.equal((await setThumbnail(client, open.id, '1280x720')).status, 200);
  const taken = counted(client);
  assert.equal(taken, await onDisk(open.id));
  const refused = await client.call('POST', '/media/create', { title: 'x' });
  assertRefusal(refused, 'limit_reached', []);
  assert.match(refused.body.message, /may take 2400000: at least 2097152 more are needed; delete media/);
  assertRefusal(await client.call('GET', `/media/${open.id}/complete`), 'limit_reached', []);
  assertRefusal(await setThumbnail(client, open.id, '1280x7200'), 'limit_reached', []);
  assert.equal(counted(client), taken, 'the thumbnail is the one before');
  const samples = await scrape(service.service.url);
  assert.ok((samples.get('mediahooks_requests_refused_total{limit="encoded_bytes"}') ?? 0) >= 3);
  await client.expect(200, 'DELETE', `/media/${open.id}/thumbnail`);
  await client.expect(200, 'GET', `/media/${open.id}/complete`);
});

test('media of an account that fit only one after another are all encoded', async () => {
  const { client } = await service.newAccount();
  const media = await Promise.all([1, 2, 3].map(() => encoded(client, SMALL)));
  assert.deepEqual(
    media.map(({ status }) => status),
    ['done', 'done', 'done'],
  );
});
