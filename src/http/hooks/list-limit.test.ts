import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fastify from 'fastify';
import { eventually } from '../../platform/testing/eventually.ts';
import type { App } from '../app.ts';
import { limitLists, MOST_LISTS } from './list-limit.ts';

test('a list whose client has disconnected counts until it is made', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  app.addHook('onRequest', async (request) => {
    request.identity = { account: { id: 'account' } } as never;
  });
  let refused = 0;
  limitLists(app as unknown as App, () => {
    refused += 1;
  });
  const made = Promise.withResolvers<void>();
  let begun = 0;
  let closed = 0;
  app.get('/list', { config: { isList: true } }, async (_request, reply) => {
    begun += 1;
    reply.raw.once('close', () => {
      closed += 1;
    });
    await made.promise;
    return [];
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const clients = Array.from({ length: MOST_LISTS }, () =>
    request({ port, path: '/list' })
      .on('error', () => undefined)
      .end(),
  );
  await eventually('all lists have begun', async () => begun === MOST_LISTS);
  for (const client of clients) client.destroy();
  await eventually('all clients have gone', async () => closed === MOST_LISTS);
  const status = async () => {
    const [answer] = await once(request({ port, path: '/list' }).end(), 'response');
    answer.resume();
    return answer.statusCode as number;
  };
  await status();
  assert.equal(refused, 1);
  made.resolve();
  await eventually('there is room', async () => (await status()) === 200);
});
