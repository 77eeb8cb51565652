import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { makeClip } from '../support/media/clips.ts';
import { ApiClient } from '../support/service/api-client.ts';
import { untilAllEnded } from '../support/service/deliveries.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';
import { ServiceProcess } from '../support/service/service-process.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';
import { SmallDisk } from '../support/storage/small-disk.ts';

const SMALL = { qualities: [{ resolution: '144p' }] };

interface Load {
  /** Titles of the events that were accepted so far. */
  readonly accepted: string[];
  stop(): Promise<void>;
}

/** Publishes events, and uploads and deletes media, without a pause. */
function startLoad(service: ServiceProcess): Load {
  const accepted: string[] = [];
  let isOver = false;
  const publishing = async () => {
    for (let number = 1; !isOver; number += 1) {
      const events = Array.from({ length: 10 }, (_, n) => publishedEvent(service.client, `m${n}`, number));
      const answer = await publish(service.operator, events);
      if (answer?.status === 202) accepted.push(...events.map(({ title }) => title));
    }
  };
  const uploading = async () => {
    while (!isOver) {
      const id = await service.client.upload(Buffer.from(randomUUID()), SMALL);
      await service.client.call('DELETE', `/media/${id}`);
    }
  };
  const running = Promise.all(
    [publishing(), uploading(), uploading()].map((run) => run.catch(() => undefined)),
  );
  return {
    accepted,
    stop: async () => {
      isOver = true;
      await running;
    },
  };
}

async function newFolder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-backup-'));
  t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

/** Asserts that all files below a folder are accessible only to their owner. */
async function assertPrivate(dir: string): Promise<void> {
  for (const name of ['.', ...(await readdir(dir, { recursive: true }))])
    assert.equal((await stat(join(dir, name))).mode & 0o077, 0, name);
}

/** Returns the paths of a playlist's files, and of the playlists in it, in relation to the first. */
async function playlistFiles(url: string): Promise<string[]> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  const names = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const below = names.map((name) => new URL(name, url).href);
  const more = await Promise.all(below.filter((name) => name.endsWith('.m3u8')).map(playlistFiles));
  return [...below, ...more.flat()];
}

test('a backup under load, restored elsewhere, has everything that was accepted before it began', async (t) => {
  const { service, receiver, webhookId } = await startServiceWithReceiver(t);
  const folder = await newFolder(t);
  const [backup, dataDir] = [join(folder, 'backup'), join(folder, 'restored')];
  const clip = await makeClip({ width: 64, height: 64 });
  const media = await service.client.upload(clip, { ...SMALL, is_public: false });
  const { id: open } = await service.client.createMedia(SMALL);
  const half = clip.length >> 1;
  const first = { bytes: clip.subarray(0, half), range: `bytes 0-${half - 1}/${clip.length}` };
  assert.equal((await service.client.uploadPart(open, first)).status, 200);
  await eventually('the media is encoded', async () => {
    return (await service.client.expect(200, 'GET', `/media/${media}`)).data.status === 'done';
  });
  const { hls_url: link } = (await service.client.expect(200, 'GET', `/media/${media}`)).data.assets;
  const { secret } = (await service.client.expect(200, 'GET', `/webhooks/${webhookId}/secret`)).data;
  await service.client.expect(200, 'POST', `/webhooks/${webhookId}/pause`);

  const load = startLoad(service);
  await eventually('there is load', async () => load.accepted.length > 200);
  const before = [...load.accepted];
  const { exitCode, stdout, stderr } = await service.run(['backup', backup]);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(
    stdout,
    /backup: \d+ files, [\d.]+ MiB, the state of 20[^\n]+Z, in [\d.]+ s\nThe settings, and /,
  );
  assert.ok(load.accepted.length > before.length, 'the service has accepted events meanwhile');
  await service.kill();
  await load.stop();
  await assertPrivate(backup);

  const credentials = { client: service.client.credentials, operator: service.operator.credentials };
  const restored = await ServiceProcess.on(dataDir, credentials);
  t.after(() => restored.remove());
  const restoring = await restored.run(['restore', backup]);
  assert.deepEqual([restoring.exitCode, restoring.stderr], [0, '']);
  await assertPrivate(dataDir);
  await restored.start();

  // Deliveries that were pending are sent, with the old key.
  receiver.received.length = 0;
  receiver.trust(secret);
  await restored.client.expect(200, 'POST', `/webhooks/${webhookId}/resume`);
  await untilAllEnded(restored.client, webhookId);
  const titles = new Set(receiver.titles());
  assert.deepEqual(
    before.filter((title) => !titles.has(title)),
    [],
  );
  assert.ok(receiver.received.every(({ verified }) => verified));

  // Media play, by links that were signed before, and tokens are valid.
  const files = await playlistFiles(link.replace(service.url, restored.url));
  assert.ok(files.length >= 2);
  for (const url of files) assert.equal((await fetch(url)).status, 200, url);
  const { token } = service.client.credentials;
  const bearer = new ApiClient(restored.url, service.client.credentials, {
    authorization: `Bearer ${token}`,
  });
  await bearer.expect(200, 'GET', '/user/me');

  // An upload continues, and no media lacks its files.
  const second = { bytes: clip.subarray(half), range: `bytes ${half}-${clip.length - 1}/${clip.length}` };
  assert.equal((await restored.client.uploadPart(open, second)).status, 200);
  await restored.client.expect(200, 'GET', `/media/${open}/complete`);
  await eventually('the media is encoded', async () => {
    return (await restored.client.expect(200, 'GET', `/media/${open}`)).data.status === 'done';
  });
});

test('a backup that was interrupted, damaged or made by a newer version is refused, and nothing is overwritten', async (t) => {
  const service = await ServiceProcess.create();
  t.after(() => service.remove());
  const folder = await newFolder(t);
  const whole = join(folder, 'whole');
  const made = await service.run(['backup', whole]);
  assert.deepEqual([made.exitCode, made.stderr], [0, '']);

  const refusals: [what: string, change: (dir: string) => Promise<unknown>, says: RegExp][] = [
    [
      'interrupted',
      (dir) => rm(join(dir, 'backup.json')),
      /is no whole backup, because .*may have been interr/,
    ],
    [
      'lacking',
      (dir) => rm(join(dir, 'mediahooks.sqlite')),
      /is damaged: mediahooks\.sqlite is missing or not/,
    ],
    [
      'altered',
      (dir) => appendFile(join(dir, 'mediahooks.sqlite'), 'x'),
      /is damaged: mediahooks\.sqlite is mis/,
    ],
    [
      'shortened',
      (dir) => writeFile(join(dir, 'SHA256SUMS'), ''),
      /is damaged: SHA256SUMS is not as it was wr/,
    ],
    [
      'newer',
      async (dir) => {
        const text = await readFile(join(dir, 'backup.json'), 'utf8');
        await writeFile(join(dir, 'backup.json'), text.replace('"format": 1', '"format": 2'));
      },
      /has the format 2, which this version does not know: restore it with the version that made it, \d/,
    ],
  ];
  const target = { MEDIAHOOKS_DATA_DIR: join(folder, 'restored') };
  for (const [what, change, says] of refusals) {
    const dir = join(folder, what);
    await cp(whole, dir, { recursive: true });
    await change(dir);
    const { exitCode, stdout, stderr } = await service.run(['restore', '--check', dir]);
    assert.deepEqual([exitCode, stdout], [1, ''], what);
    assert.match(stderr, says);
    assert.match(stderr, /^mediahooks: [^\n]+\n$/);
  }
  const again = await service.run(['backup', whole]);
  assert.match(
    again.stderr,
    /^mediahooks: .*whole is not empty: name a folder that is empty or does not exist\n$/,
  );
  const inside = await service.run(['backup', join(service.dataDir, 'backup')]);
  assert.match(
    inside.stderr,
    /is in the data folder: name a folder outside of it, on another disk if possible\n$/,
  );
  const onto = await service.run(['restore', whole]);
  assert.match(
    onto.stderr,
    /^mediahooks: the data folder .* is not empty: a backup is restored into an empty one/,
  );

  // A restore that fails in its middle leaves a folder that no start accepts.
  const failed = await service.run(['restore', join(folder, 'altered')], target);
  assert.match(failed.stderr, /is damaged: mediahooks\.sqlite is missing or not/);
  const start = await service.run(['serve'], target);
  assert.deepEqual([start.exitCode, start.stdout], [1, '']);
  assert.match(
    start.stderr,
    /^mediahooks: the restore into .* is running or was interrupted: wait [^\n]+\n$/,
  );
});

test('a backup without the encryption key starts with a copy of that key, and not without', async (t) => {
  const service = await ServiceProcess.create();
  t.after(() => service.remove());
  const folder = await newFolder(t);
  const [backup, dataDir] = [join(folder, 'backup'), join(folder, 'restored')];
  const made = await service.run(['backup', '--link', '--no-key', backup]);
  assert.deepEqual([made.exitCode, made.stderr], [0, '']);
  assert.match(made.stdout, /^The encryption key is not in the backup\. /m);
  assert.ok(!existsSync(join(backup, 'encryption-key')));
  const target = { MEDIAHOOKS_DATA_DIR: dataDir };
  const restored = await service.run(['restore', backup], target);
  assert.match(
    restored.stdout,
    /^The encryption key was not in the backup: put it in its place, or set it, /m,
  );
  const refused = await service.run(['account', 'list'], target);
  assert.match(
    refused.stderr,
    /is encrypted with the key [0-9a-f]{16}, and that key is not given; the key was in /,
  );
  await cp(join(service.dataDir, 'encryption-key'), join(dataDir, 'encryption-key'));
  const { exitCode, stdout } = await service.run(['account', 'list'], target);
  assert.equal(exitCode, 0);
  assert.match(stdout, /user@example\.com/);
  const key = (await readFile(join(dataDir, 'encryption-key'), 'utf8')).trim();
  const given = { ...target, MEDIAHOOKS_ENCRYPTION_KEY: key };
  const again = await service.run(['backup', join(folder, 'again')], given);
  assert.deepEqual([again.exitCode, again.stderr], [0, '']);
  assert.match(again.stdout, /^The encryption key is not in the backup\. /m);
  assert.ok(!existsSync(join(folder, 'again', 'encryption-key')));
});

test('a backup or a restore onto a full disk ends with one sentence, and is not taken for a whole one', async (t) => {
  const disk = SmallDisk.mount(2);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const service = await ServiceProcess.create();
  t.after(() => service.remove());
  await service.start();
  const { id } = await service.client.createMedia(SMALL);
  const bytes = Buffer.alloc(4 * 1024 * 1024);
  const half = { bytes, range: `bytes 0-${bytes.length - 1}/${2 * bytes.length}` };
  assert.equal((await service.client.uploadPart(id, half)).status, 200);
  await service.terminate();
  const [full, whole] = [join(disk.path, 'backup'), join(await newFolder(t), 'backup')];
  const failed = await service.run(['backup', full]);
  assert.deepEqual([failed.exitCode, failed.stdout], [1, '']);
  assert.match(failed.stderr, /^mediahooks: the backup .* is not complete: ENOSPC: no space left[^\n]+\n$/);
  assert.match((await service.run(['restore', '--check', full])).stderr, /is no whole backup/);
  await rm(full, { recursive: true });

  assert.equal((await service.run(['backup', whole])).exitCode, 0);
  const target = { MEDIAHOOKS_DATA_DIR: join(disk.path, 'data') };
  const restoring = await service.run(['restore', whole], target);
  assert.equal(restoring.exitCode, 1);
  assert.match(
    restoring.stderr,
    /^mediahooks: the restore into .* is not complete: ENOSPC: no space[^\n]+\n$/,
  );
  assert.match((await service.run(['serve'], target)).stderr, /is running or was interrupted: wait/);
});

test('a backup that is killed is not taken for a whole one', async (t) => {
  const service = await ServiceProcess.create();
  t.after(() => service.remove());
  const backup = join(await newFolder(t), 'backup');
  const killed = async () => {
    await rm(backup, { recursive: true, force: true });
    const kill = new AbortController();
    const running = service.run(['backup', backup], {}, kill.signal);
    await eventually('the database is being copied', async () =>
      existsSync(join(backup, 'mediahooks.sqlite')),
    );
    kill.abort();
    return (await running).endSignal === 'SIGKILL' && !existsSync(join(backup, 'backup.json'));
  };
  // The copy takes milliseconds, so that it is sometimes whole before the kill.
  await eventually('a backup is killed before it is whole', killed);
  const { exitCode, stderr } = await service.run(['restore', '--check', backup]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /is no whole backup, because .*backup\.json does not exist/);
});
