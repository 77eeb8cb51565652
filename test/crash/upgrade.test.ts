import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Tokens } from '../../src/accounts/tokens.ts';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { seededRandom, testSeed } from '../../src/platform/testing/seeded-random.ts';
import { migrations } from '../../src/storage/migrations/migrations.ts';
import { Receiver } from '../support/receivers/receiver.ts';
import { untilAllEnded } from '../support/service/deliveries.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';
import { ServiceProcess } from '../support/service/service-process.ts';
import { assertFilesCounted, assertRowsCounted, isAllCounted } from '../support/storage/encoded-usage.ts';
import { stable } from '../support/upgrade/answers.ts';
import type { Facts } from '../support/upgrade/facts.ts';
import { RELEASED, unpack } from '../support/upgrade/unpack.ts';

/** Number of times that the service is killed while it starts on old data. */
const KILLS = 6;
/** Milliseconds after which a start has certainly migrated the database, if the machine is not busy. */
const START_MS = 600;

async function prepare(t: TestContext, version: string) {
  const { dataDir, facts } = await unpack(t, version);
  const { owner: client, operator } = facts.credentials;
  // Old rows must not be removed because time has passed since the folder was made.
  const settings = { MEDIAHOOKS_RETENTION_DAYS: '0', MEDIAHOOKS_AUDIT_RETENTION_DAYS: '0' };
  const service = await ServiceProcess.on(dataDir, { client, operator }, settings);
  t.after(() => service.remove());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  return { service, receiver, facts, dataDir };
}

function ranMigrations(dataDir: string): string[] {
  const database = new DatabaseSync(join(dataDir, 'mediahooks.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('select name from kysely_migration order by name').all();
    return rows.map(({ name }) => String(name));
  } finally {
    database.close();
  }
}

/** Asserts that the service answers everything as the released version did. It may answer more fields. */
async function assertSameAnswers(service: ServiceProcess, { answers }: Facts): Promise<void> {
  const clients = { owner: service.client, operator: service.operator };
  for (const { as, path, data } of answers) {
    const found = await clients[as].expect(200, 'GET', path);
    assert.partialDeepStrictEqual(stable(found.data), stable(data), path);
  }
}

test('every released version since 0.2.0 has a data folder for these tests', async () => {
  const changelog = await readFile(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');
  const versions = Array.from(changelog.matchAll(/^## (\d+\.\d+\.\d+) /gm), ([, version]) => version);
  assert.deepEqual([...RELEASED.keys()].sort(), versions.sort());
});

for (const version of RELEASED.keys()) {
  test(`a data folder of ${version} answers as before, takes changes, and its work is finished`, async (t) => {
    const { service, receiver, facts, dataDir } = await prepare(t, version);
    const { webhooks, media, unfinished, credentials } = facts;
    await service.start();
    assert.deepEqual(ranMigrations(dataDir), Object.keys(await migrations.getMigrations()));
    await assertSameAnswers(service, facts);
    assert.equal((await fetch(`${service.url}/readyz`)).status, 200);

    const asset = (id: string, file: string) => fetch(`${service.url}/assets/${id}/${file}`);
    for (const file of ['hls/master.m3u8', 'dash/manifest.mpd', 'download.mp4', 'thumbnail.jpg'])
      assert.equal((await asset(media.video, file)).status, 200, file);
    const { assets } = (await service.client.expect(200, 'GET', `/media/${media.private}`)).data;
    for (const url of [assets.hls_url, assets.thumbnail_url]) assert.equal((await fetch(url)).status, 200);
    const tokens = await Tokens.open(join(dataDir, 'token-keys'));
    const claims = await tokens.verify(credentials.owner.token, facts.madeAt);
    assert.equal(claims?.userId, credentials.owner.userId);
    const signIn = { email: 'owner@example.com', password: facts.password };
    await service.client.expect(200, 'POST', '/auth/login', signIn);

    // Everything that waits in old rows is sent, signed with the old keys.
    const { paused, fails, retries } = webhooks;
    for (const { id, secret } of [paused, fails, retries]) {
      receiver.trust(secret);
      await service.client.expect(200, 'PATCH', `/webhooks/${id}`, {
        url: receiver.url,
        retry_schedule: 'default',
      });
      await service.client.expect(200, 'POST', `/webhooks/${id}/resume`);
    }
    for (const { id } of [paused, fails]) await untilAllEnded(service.client, id);
    assert.ok(receiver.received.length > 0 && receiver.received.every(({ verified }) => verified));
    await eventually('the bulk resend continues', async () => {
      const { data } = await service.client.expect(200, 'GET', `/webhooks/${fails.id}/recoveries`);
      return data.recoveries.every(({ state }: { state: string }) => state === 'done');
    });

    // The delivery that was in flight, the encode and the uploads continue.
    const { webhook, encoding, upload } = unfinished;
    receiver.trust(webhook.secret);
    await service.operator.expect(200, 'PATCH', `/webhooks/${webhook.id}`, { url: receiver.url });
    await untilAllEnded(service.operator, webhook.id);
    const bytes = Buffer.from(upload.second, 'base64');
    const start = Buffer.from(upload.first, 'base64').length;
    const total = start + bytes.length;
    const range = `bytes ${start}-${total - 1}/${total}`;
    assert.equal((await service.operator.uploadPart(upload.id, { bytes, range })).status, 200);
    await service.operator.expect(200, 'GET', `/media/${upload.id}/complete`);
    for (const id of [encoding, upload.id]) {
      await eventually('the media is encoded', async () => {
        const { data } = await service.operator.expect(200, 'GET', `/media/${id}`);
        return data.status === 'done';
      });
    }
    await eventually('what the released version stored is counted', async () => isAllCounted(dataDir));
    await assertFilesCounted(dataDir);
    // An orderly stop writes the newest changes into the database.
    await service.terminate();
    assertRowsCounted(dataDir);
  });

  test(`an upgrade from ${version} that is killed again and again loses nothing, under load`, async (t) => {
    const { service, receiver, facts, dataDir } = await prepare(t, version);
    const seed = testSeed();
    t.diagnostic(`CRASH_SEED=${seed}`);
    const random = seededRandom(seed);
    const accepted: string[] = [];
    let isOver = false;
    const load = (async () => {
      for (let number = 1; !isOver; number += 1) {
        const event = publishedEvent(service.client, `of the load ${number % 7}`, number);
        const answer = await publish(service.operator, [event]);
        if (answer?.status === 202) accepted.push(event.title);
        else await delay(5);
      }
    })();
    for (let kills = 0; kills < KILLS; kills += 1) {
      service.spawn();
      await delay(random() * START_MS);
      await service.kill();
    }
    await service.start();
    assert.deepEqual(ranMigrations(dataDir), Object.keys(await migrations.getMigrations()));
    await eventually('events are accepted', async () => accepted.length >= 20);
    isOver = true;
    await load;
    const { id, secret } = facts.webhooks.paused;
    receiver.trust(secret);
    await service.client.expect(200, 'PATCH', `/webhooks/${id}`, { url: receiver.url });
    await service.client.expect(200, 'POST', `/webhooks/${id}/resume`);
    await untilAllEnded(service.client, id);
    const titles = new Set(receiver.titles());
    assert.deepEqual(
      accepted.filter((title) => !titles.has(title)),
      [],
    );
    assert.ok(titles.has('Published'), 'the deliveries of the released version are sent');
    await eventually('what the released version stored is counted', async () => isAllCounted(dataDir));
    await service.terminate();
    assertRowsCounted(dataDir);
  });
}
