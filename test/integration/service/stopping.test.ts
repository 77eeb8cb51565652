import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSocket, parseAnswer } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService } from '../../support/service/service.ts';

test('a request over a kept-alive connection during a stop is refused in the form of the contract', async () => {
  const service = await startTestService();
  const authorization = `authorization: ${service.client.headers.authorization}`;
  const socket = await openSocket(service.service.url);
  const body = JSON.stringify({ title: 'A clip' });
  const head = `POST /api/media/create HTTP/1.1\r\nhost: x\r\n${authorization}\r\ncontent-type: application/json`;
  // Half of a request keeps its connection open when the stop begins.
  socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`);
  // An answer to a later request shows that the earlier one has arrived.
  await service.client.expect(200, 'GET', '/user/me');

  const stopped = service.stop();
  socket.write(`${body.slice(5)}GET /api/user/me HTTP/1.1\r\nhost: x\r\n${authorization}\r\n\r\n`);
  const text = Buffer.concat(await socket.toArray()).toString('utf8');
  const [first = '', second = ''] = text.split(/(?=HTTP\/1\.1 )/);
  assert.match(first, /^HTTP\/1\.1 200 /);
  const refused = parseAnswer(second);
  assertRefusal(refused, 'unavailable', []);
  assert.match(refused.body.message, /stopping/);
  assert.match(second, /^connection: close\r$/im);
  assert.match(second, /^retry-after: \d+\r$/im);
  await stopped;
});
