import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { mediaDir, partsDir } from '../../../src/media/files/media-files.ts';
import { ALL_EVENTS, type ApiClient } from '../../support/service/api-client.ts';
import { scrape } from '../../support/service/metrics.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;

before(async () => {
  service = await startTestService({
    MEDIAHOOKS_MAX_WEBHOOKS: '3',
    MEDIAHOOKS_MAX_API_KEYS: '3',
    MEDIAHOOKS_MAX_OPEN_UPLOADS: '8',
    MEDIAHOOKS_MAX_ACCOUNT_BYTES: '1000',
  });
});

after(() => service.stop());

const newClient = async () => (await service.newAccount()).client;

/** Lists the files in a media's folder of parts. */
const keptParts = (id: string) => readdir(partsDir(mediaDir(service.dataDir, id))).catch(() => []);

const range = (client: ApiClient, id: string, start: number, length: number, total: number) =>
  client.uploadPart(id, {
    bytes: randomBytes(length),
    range: `bytes ${start}-${start + length - 1}/${total}`,
  });

test('webhooks: racing requests stop at the limit, and a removal makes room', async () => {
  const client = await newClient();
  const create = () => client.call('POST', '/webhooks', { url: 'https://example.com/', ...ALL_EVENTS });
  const answers = await Promise.all(Array.from({ length: 10 }, create));
  const made = answers.filter(({ status }) => status === 201);
  assert.equal(made.length, 3);
  for (const answer of answers) if (answer.status !== 201) assertRefusal(answer, 'limit_reached', []);
  assert.match((await create()).body.message, /has 3 webhooks, and may have 3: remove one/);
  await client.expect(200, 'DELETE', `/webhooks/${made[0]?.body.data.webhook.id}`);
  assert.equal((await create()).status, 201);
});

test('API keys, and open uploads', async () => {
  const client = await newClient();
  const create = () => client.call('POST', '/api_keys', { api_key_name: 'another' });
  // An account begins with one key.
  assert.deepEqual([(await create()).status, (await create()).status], [201, 201]);
  assertRefusal(await create(), 'limit_reached', []);
  const media = await Promise.all(Array.from({ length: 8 }, () => client.createMedia()));
  assertRefusal(await client.call('POST', '/media/create', { title: 'x' }), 'limit_reached', []);
  await client.expect(200, 'DELETE', `/media/${media[0]?.id}`);
  await client.createMedia();
});

test('bytes: a file that does not fit is refused with its first part, and leaves nothing', async () => {
  const client = await newClient();
  const { id } = await client.createMedia();
  const refused = await range(client, id, 0, 10, 1001);
  assertRefusal(refused, 'limit_reached', []);
  assert.match(
    refused.body.message,
    /keeps 0 bytes of media, and may keep 1000: 1001 more do not fit; delete/,
  );
  assert.deepEqual(await keptParts(id), []);
  assert.equal((await range(client, id, 0, 10, 1000)).status, 200);
});

test('bytes: racing uploads do not exceed the limit, and a deletion makes room', async () => {
  const client = await newClient();
  const media = await Promise.all(Array.from({ length: 6 }, () => client.createMedia()));
  const answers = await Promise.all(media.map(({ id }) => range(client, id, 0, 400, 400)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 2);
  const full = media.filter((_, n) => answers[n]?.status === 200);
  const empty = media.filter((_, n) => answers[n]?.status !== 200);
  for (const { id } of empty) assert.deepEqual(await keptParts(id), []);
  await client.expect(200, 'GET', `/media/${full[0]?.id}/complete`);
  assertRefusal(await range(client, empty[0]?.id ?? '', 0, 400, 400), 'limit_reached', []);
  await client.expect(200, 'DELETE', `/media/${full[0]?.id}`);
  assert.equal((await range(client, empty[0]?.id ?? '', 0, 400, 400)).status, 200);
});

test('bytes: parts that do not say how large their file is count once they have arrived', async () => {
  const client = await newClient();
  const { id } = await client.createMedia();
  const part = (n: number, last = '*', length = 400) =>
    client.uploadPart(id, { bytes: randomBytes(length), range: `part ${n}/${last}`, hash: null });
  assert.deepEqual([(await part(1)).status, (await part(2)).status], [200, 200]);
  assertRefusal(await part(3, '3'), 'limit_reached', []);
  assert.equal((await keptParts(id)).length, 2);
  assert.equal((await part(3, '3', 200)).status, 200);
  await client.expect(200, 'GET', `/media/${id}/complete`);
  const other = await client.createMedia();
  assertRefusal(await client.uploadPart(other.id, { bytes: randomBytes(1) }), 'limit_reached', []);
  assert.deepEqual(await keptParts(other.id), []);
});

test('bytes: a whole file that is sent again counts once', async () => {
  const client = await newClient();
  const { id } = await client.createMedia();
  for (let n = 0; n < 3; n += 1) {
    assert.equal((await client.uploadPart(id, { bytes: randomBytes(900) })).status, 200);
  }
  assertRefusal(await client.uploadPart(id, { bytes: randomBytes(1001) }), 'limit_reached', []);
});

test('refusals are counted by limit', async () => {
  const samples = await scrape(service.service.url);
  for (const limit of ['webhooks', 'api_keys', 'open_uploads', 'account_bytes']) {
    assert.ok((samples.get(`mediahooks_requests_refused_total{limit="${limit}"}`) ?? 0) > 0, limit);
  }
});
