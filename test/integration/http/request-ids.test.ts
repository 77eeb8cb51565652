import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSocket } from '../../support/service/raw-http.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;

before(async () => {
  service = await startTestService();
});

after(() => service.stop());

/** Returns the id in the answer to `text`, which is sent as it is. */
async function idOfRaw(text: string): Promise<string | undefined> {
  const socket = await openSocket(service.service.url);
  socket.write(text);
  const answer = Buffer.concat(await socket.toArray()).toString('utf8');
  return /^x-request-id: (\S+)\r$/im.exec(answer)?.[1];
}

test('every answer has the id of its request, whatever the request is', async () => {
  const { url } = service.service;
  const ids: (string | null | undefined)[] = [];
  for (const path of ['/healthz', '/readyz', '/metrics', '/api/openapi.json', '/api/webhooks', '/nowhere']) {
    ids.push((await fetch(url + path)).headers.get('x-request-id'));
  }
  ids.push(await idOfRaw('GET /%zz HTTP/1.1\r\nhost: there\r\nconnection: close\r\n\r\n'));
  ids.push(await idOfRaw('GET / HTTP/1.1\r\nconnection: close\r\n\r\n'));
  ids.push(await idOfRaw('no HTTP at all\r\n\r\n'));
  for (const id of ids) assert.match(id ?? '', /^[\w-]{14,}$/);
  assert.equal(new Set(ids).size, ids.length);
});

test("a caller's own id is returned if it is sane", async () => {
  const idFor = async (given: string) => {
    const answer = await fetch(`${service.service.url}/healthz`, { headers: { 'x-request-id': given } });
    return answer.headers.get('x-request-id');
  };
  assert.equal(await idFor('trace-4711'), 'trace-4711');
  assert.notEqual(await idFor('<script>'), '<script>');
});
