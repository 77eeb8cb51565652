import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { MOST_LISTS, MOST_WAITING_LISTS } from '../../../src/http/hooks/list-limit.ts';
import { newMedia } from '../../../src/storage/testing/records.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { scrape } from '../../support/service/metrics.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Number of media with the largest tags and metadata. They do not fit into one part of an answer. */
const MEDIA = 20;
const TAGS = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(255, '\u0001'));
const METADATA = TAGS.map((tag) => ({ key: tag, value: tag }));

let service: TestService;

before(async () => {
  service = await startTestService();
  await fill(service.client);
});

after(() => service.stop());

/** Creates media in an account without HTTP, because that is faster. */
async function fill({ credentials: { userId } }: ApiClient): Promise<void> {
  const { media } = service.service.storage;
  const createdAt = Date.now();
  for (let n = 0; n < MEDIA; n += 1)
    await media.create(
      newMedia({ userId, tags: TAGS, metadata: METADATA, createdAt: createdAt + n }),
      null,
      null,
    );
}

/** Asks for all media of an account. Does not read the body of the answer. */
async function ask({ headers }: ApiClient, agent?: false): Promise<IncomingMessage> {
  const url = `${service.service.url}/api/media?limit=100`;
  const [answer] = await once(get(url, { headers, ...(agent === false && { agent }) }), 'response');
  return answer;
}

test('a list of large media is the same as the single media, in order and with the total', async () => {
  const { client } = service;
  const { status, contentType, body } = await client.call('POST', '/media', { limit: 100, order_by: 'asc' });
  assert.deepEqual([status, contentType, body.status], [200, 'application/json', 'success']);
  assert.deepEqual([body.data.media.length, body.data.total], [MEDIA, MEDIA]);
  for (const one of [body.data.media[0], body.data.media.at(-1)]) {
    // Only the answer for one media tells what of its upload has arrived.
    const { upload: _, ...shown } = (await client.expect(200, 'GET', `/media/${one.id}`)).data;
    assert.deepEqual(one, shown);
  }
  const page = await client.expect(200, 'POST', '/media', { limit: 7, offset: 9, order_by: 'asc' });
  assert.deepEqual(page.data, { media: body.data.media.slice(9, 16), total: MEDIA });
  const byTag = { tags: TAGS, metadata: METADATA, limit: 1, offset: MEDIA - 1, order_by: 'asc' };
  const found = await client.expect(200, 'POST', '/media', byTag);
  assert.deepEqual(found.data, { media: body.data.media.slice(-1), total: MEDIA });
});

test('a media that is deleted while its list is sent is left out, and the list stays valid JSON', async () => {
  const { client } = await service.newAccount();
  await fill(client);
  const { media } = (await client.expect(200, 'POST', '/media', { order_by: 'asc' })).data;
  const answer = await ask(client, false);
  await client.expect(200, 'DELETE', `/media/${media[0].id}`);
  const ids = JSON.parse(await text(answer)).data.media.map(({ id }: { id: string }) => id);
  assert.deepEqual(
    ids,
    media
      .slice(1)
      .map(({ id }: { id: string }) => id)
      .toReversed(),
  );
});

test('lists of an account wait beyond a number, and are refused beyond another; those of others are not', async () => {
  const { client } = service;
  const refusedBefore = await refusedLists();
  const open = await Promise.all(Array.from({ length: MOST_LISTS }, () => ask(client, false)));
  assert.deepEqual(new Set(open.map(({ statusCode }) => statusCode)), new Set([200]));
  const waiting = Array.from(
    { length: MOST_WAITING_LISTS + 1 },
    async () => (await client.call('GET', '/webhooks')).status,
  );
  assert.equal(await Promise.race(waiting), 429);
  for (const [method, path] of [
    ['POST', '/media'],
    ['GET', '/media'],
    ['GET', '/webhooks'],
    ['GET', '/api_keys'],
    ['GET', '/audit'],
  ] as const) {
    const refused = await fetch(`${service.service.url}/api${path}`, { method, headers: client.headers });
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1'], path);
    assert.match(await refused.text(), /too many lists of this account/);
  }
  assert.equal(await refusedLists(), refusedBefore + 6);
  const { client: other } = await service.newAccount();
  await other.expect(200, 'POST', '/media');
  await client.expect(200, 'GET', '/user/me');
  // A client that disconnects, and one that reads its list to the end, both make room for those that wait.
  open.pop()?.destroy();
  const statuses = await Promise.all(waiting);
  assert.equal(statuses.filter((status) => status === 200).length, MOST_WAITING_LISTS);
  for (const answer of open) answer.resume();
  await Promise.all(open.map((answer) => once(answer, 'close')));
});

async function refusedLists(): Promise<number> {
  return (await scrape(service.service.url)).get('mediahooks_requests_refused_total{limit="lists"}') ?? 0;
}
