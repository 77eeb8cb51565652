import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { ApiAnswer } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;

before(async () => {
  service = await startTestService();
});

after(() => service.stop());

test('the list is searched, filtered, ordered and paged', async () => {
  const { client } = await service.newAccount();
  const create = (title: string, fields: Record<string, unknown>) => client.createMedia({ title, ...fields });
  await create('b Holiday', { tags: ['x', 'y'], metadata: [{ key: 'k', value: '1' }] });
  await create('a holiday', { tags: ['y"]', 'x'], metadata: [{ key: 'k', value: '2' }], type: 'audio' });
  await create('c 100%', { tags: ['%'], metadata: [{ key: 'j', value: '1' }] });
  const id = await client.upload(Buffer.from('no media, but a file'), { title: 'd' });
  await eventually('its encoding has failed', async () => {
    const { data } = await client.expect(200, 'GET', `/media/${id}`);
    return data.status === 'fail';
  });
  const list = async (body?: unknown) => {
    const { media, total } = (await client.expect(200, 'POST', '/media', body)).data;
    for (const one of media) {
      const { upload, ...alone } = (await client.expect(200, 'GET', `/media/${one.id}`)).data;
      assert.deepEqual([one, typeof upload], [alone, 'object']);
    }
    return { titles: media.map(({ title }: { title: string }) => title).join(), total };
  };
  const newestFirst = { titles: 'd,c 100%,a holiday,b Holiday', total: 4 };
  assert.deepEqual(await list(), newestFirst);
  const json = { 'content-type': 'application/json' };
  assert.equal((await client.send('/media', { method: 'POST', headers: json })).body.data.total, 4);
  for (const [body, titles] of [
    [{}, newestFirst.titles],
    [{ search: 'HOLI' }, 'a holiday,b Holiday'],
    [{ search: '%' }, 'c 100%'],
    [{ type: 'audio' }, 'a holiday'],
    [{ type: '', search: '', status: [], tags: [], metadata: [] }, newestFirst.titles],
    [{ status: ['new'] }, 'c 100%,a holiday,b Holiday'],
    [{ status: ['done', 'fail'] }, 'd'],
    [{ tags: ['x'] }, 'a holiday,b Holiday'],
    [{ tags: ['x', 'y'] }, 'b Holiday'],
    [{ tags: ['y"]'] }, 'a holiday'],
    [{ metadata: [{ key: 'k', value: '2' }] }, 'a holiday'],
    [{ metadata: [{ key: 'k', value: '3' }] }, ''],
    [{ search: 'holiday', tags: ['y'], type: 'video' }, 'b Holiday'],
    [{ sort_by: 'title', order_by: 'asc' }, 'a holiday,b Holiday,c 100%,d'],
    [{ sort_by: 'asc', order_by: 'title' }, 'a holiday,b Holiday,c 100%,d'],
    [{ sort_by: 'desc', order_by: 'created_at' }, newestFirst.titles],
    [{ sort_by: 'created_at', order_by: 'asc' }, 'b Holiday,a holiday,c 100%,d'],
  ] as const) {
    const found = await list(body);
    assert.equal(found.titles, titles, JSON.stringify(body));
    assert.equal(found.total, titles === '' ? 0 : titles.split(',').length);
  }
  assert.deepEqual(await list({ limit: 2, offset: 1 }), { titles: 'c 100%,a holiday', total: 4 });
  for (const [body, field] of [
    [{ status: ['bogus'] }, 'status[0]'],
    [{ limit: 101 }, 'limit'],
    [{ limit: '10' }, 'limit'],
    [{ offset: -1 }, 'offset'],
    [{ type: 'picture' }, 'type'],
    [{ tags: 'x' }, 'tags'],
  ] as const) {
    assertRefusal(await client.call('POST', '/media', body), 'invalid_request', [field]);
  }
});

test('media can be listed by page, and by GET with the filter in the query', async () => {
  const { client } = await service.newAccount();
  for (const title of ['a', 'b', 'c', 'd', 'e holiday']) await client.createMedia({ title, type: 'audio' });
  const titles = (answer: ApiAnswer) => {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { media, total } = answer.body.data;
    return [media.map(({ title }: { title: string }) => title).join(), total];
  };
  for (const [query, expected] of [
    [{}, ['e holiday,d,c,b,a', 5]],
    [{ page: 0 }, ['e holiday,d,c,b,a', 5]],
    [{ page: 1 }, ['e holiday,d,c,b,a', 5]],
    [{ page: 2 }, ['', 5]],
    [{ page: 1, limit: 2 }, ['e holiday,d', 5]],
    [{ page: 2, limit: 2 }, ['c,b', 5]],
    [{ page: 3, limit: 2, offset: 0 }, ['a', 5]],
    [{ page: 1, search: 'HOLI' }, ['e holiday', 1]],
    [{ search: '', type: '' }, ['e holiday,d,c,b,a', 5]],
    [{ offset: 3, order_by: 'asc', sort_by: 'title' }, ['d,e holiday', 5]],
    [{ type: 'video' }, ['', 0]],
    [{ status: ['new', 'done'], tags: [] }, ['e holiday,d,c,b,a', 5]],
  ] as const) {
    assert.deepEqual(titles(await client.call('POST', '/media', query)), expected, JSON.stringify(query));
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one) => [name, String(one)]),
    );
    const inQuery = new URLSearchParams(pairs as [string, string][]);
    assert.deepEqual(titles(await client.call('GET', `/media?${inQuery}`)), expected, `${inQuery}`);
  }
  for (const [query, field] of [
    ['page=-1', 'page'],
    ['page=x', 'page'],
    ['page=1000001', 'page'],
    ['page=2&offset=1', 'page'],
    ['limit=101', 'limit'],
    ['status=bogus', 'status[0]'],
  ] as const) {
    assertRefusal(await client.call('GET', `/media?${query}`), 'invalid_request', [field]);
  }
  assertRefusal(await client.call('POST', '/media', { page: 2, offset: 1 }), 'invalid_request', ['page']);
});

test("encoding costs nothing, and media that can't be encoded have no price", async () => {
  const cost = (query: string) => service.client.call('GET', `/media/cost?${query}`);
  const good = await cost('qualities=720p,1080p&type=video&duration=120.5');
  assert.deepEqual(good.body, { status: 'success', data: { price: 0, is_enough: true } });
  assert.equal((await cost('qualities=720p&type=audio&duration=0')).status, 200);
  assert.equal((await cost('qualities=standard,lossless&type=audio&duration=0')).status, 200);
  for (const [query, field] of [
    ['qualities=721p&type=video&duration=1', 'qualities'],
    ['qualities=good&type=video&duration=1', 'qualities'],
    ['qualities=720p,&type=video&duration=1', 'qualities'],
    ['qualities=&type=video&duration=1', 'qualities'],
    ['type=video&duration=1', 'qualities'],
    ['qualities=720p&type=video&duration=-1', 'duration'],
    ['qualities=720p&type=video&duration=', 'duration'],
    ['qualities=720p&type=video&duration=abc', 'duration'],
    ['qualities=720p&type=video&duration=NaN', 'duration'],
    ['qualities=720p&type=video', 'duration'],
    ['qualities=720p&type=picture&duration=1', 'type'],
    ['qualities=720p&duration=1', 'type'],
  ] as const) {
    assertRefusal(await cost(query), 'invalid_request', [field]);
  }
});
