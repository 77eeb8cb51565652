import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fastify from 'fastify';
import { eventually } from '../../platform/testing/eventually.ts';
import type { App } from '../app.ts';
import { limitLists, MOST_LISTS, MOST_WAITING_LISTS } from './list-limit.ts';

test('a list counts until it is made, although its client has disconnected; further ones wait, up to a limit', async (t) => {
  const app = fastify();
  const made = Promise.withResolvers<void>();
  t.after(() => {
    made.resolve();
    return app.close();
  });
  app.setErrorHandler((_error, _request, reply) => reply.code(429).send());
  app.addHook('onRequest', async (request) => {
    request.identity = { account: { id: 'account' } } as never;
  });
  let refused = 0;
  limitLists(app as unknown as App, () => {
    refused += 1;
  });
  let [begun, closed] = [0, 0];
  app.addHook('onRequest', async (_request, reply) => {
    reply.raw.once('close', () => {
      closed += 1;
    });
  });
  app.get('/list', { config: { isList: true } }, async () => {
    begun += 1;
    await made.promise;
    return [];
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const ask = () =>
    request({ port, path: '/list' })
      .on('error', () => undefined)
      .end();
  const status = async (asked: ClientRequest): Promise<number> => {
    const [answer] = await once(asked, 'response');
    answer.resume();
    return answer.statusCode;
  };
  const abandoned = Array.from({ length: MOST_LISTS }, ask);
  await eventually('all lists have begun', async () => begun === MOST_LISTS);
  for (const client of abandoned) client.destroy();
  await eventually('all clients have gone', async () => closed === MOST_LISTS);

  const asked = Array.from({ length: MOST_WAITING_LISTS + 1 }, ask);
  const answers = asked.map(async (one, index) => ({ index, status: await status(one) }));
  const first = await Promise.race(answers);
  assert.deepEqual([first.status, refused, begun], [429, 1, MOST_LISTS]);
  // A client that disconnects gives up its place in the queue.
  const left = (first.index + 1) % asked.length;
  asked[left]?.destroy();
  await eventually('the place in the queue is free', async () => closed === MOST_LISTS + 2);
  const late = status(ask());

  made.resolve();
  const rest = answers.filter((_answer, index) => index !== left && index !== first.index);
  assert.deepEqual(new Set((await Promise.all(rest)).map((one) => one.status)), new Set([200]));
  assert.equal(await late, 200);
  assert.deepEqual([begun, refused], [MOST_LISTS + MOST_WAITING_LISTS, 1]);
});
