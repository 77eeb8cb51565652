import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fetchDescription, operationsIn } from '../../support/docs/api-description.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Paths that the description leaves out. */
const HIDDEN = ['/', '/api/docs', '/api/openapi.json'];

let service: TestService;
/** For each described path, the methods that are accepted there. */
const places = new Map<string, Set<string>>();

before(async () => {
  service = await startTestService();
  for (const { method, path } of operationsIn(await fetchDescription(service.service.url))) {
    const methods = places.get(path) ?? new Set();
    methods.add(method.toUpperCase());
    // A GET that changes state accepts no HEAD.
    if (method === 'get' && !path.endsWith('/complete')) methods.add('HEAD');
    if (path.startsWith('/assets/')) methods.add('OPTIONS');
    places.set(path, methods);
  }
  for (const path of HIDDEN) places.set(path, new Set(['GET', 'HEAD']));
});

after(() => service.stop());

/** Returns the methods that are accepted at `path`, which can be described more than once: `/media/{id}` is also the path of `/media/cost`. */
function methodsAt(path: string): string[] {
  const isAt = (described: string) => {
    const pattern = described.replace(/\{file\}$/, '.+').replaceAll(/\{\w+\}/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(path);
  };
  return [
    ...new Set([...places].flatMap(([described, methods]) => (isAt(described) ? [...methods] : []))),
  ].toSorted();
}

async function call(method: string, path: string, init: RequestInit = {}) {
  const response = await fetch(service.service.url + path, { method, ...init });
  const text = await response.text();
  const body = text === '' ? null : JSON.parse(text);
  return {
    status: response.status,
    allow: response.headers.get('allow'),
    contentType: response.headers.get('content-type'),
    body,
  };
}

test('a wrong method is answered 405 with the methods of the path, on every path', async () => {
  let refused = 0;
  for (const described of places.keys()) {
    const path = described.replaceAll(/\{\w+\}/g, randomUUID());
    const allowed = methodsAt(path);
    for (const method of METHODS.filter((one) => !allowed.includes(one))) {
      const answer = await call(method, path);
      assert.deepEqual([answer.status, answer.allow], [405, allowed.join(', ')], `${method} ${path}`);
      if (method === 'HEAD') continue;
      assertRefusal(answer, 'method_not_allowed', []);
      assert.ok(
        answer.body.message.startsWith(`${method} is not a method of this path`),
        answer.body.message,
      );
      refused += 1;
    }
  }
  assert.ok(refused > 100, `${refused} were refused`);
});

test('the method is refused before the body is looked at, whatever the body is', async () => {
  for (const [type, body] of [
    ['text/plain', 'x'],
    ['application/json', '{'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/json', ' '.repeat(1_000_000)],
  ] as const) {
    const answer = await call('PUT', '/api/user/me', { body, headers: { 'content-type': type } });
    assert.deepEqual([answer.status, answer.allow], [405, 'GET, HEAD'], type);
  }
});

test('a path that does not exist is 404 with every method, and so is a file that does not', async () => {
  for (const path of ['/api/nothing', '/api/webhooks/a/b/c', '/nothing', '/assets/nothing']) {
    for (const method of METHODS.filter((one) => one !== 'OPTIONS'))
      assert.equal((await call(method, path)).status, 404, `${method} ${path}`);
  }
});

test('a player on another origin may read the refusal of a method', async () => {
  const response = await fetch(`${service.service.url}/assets/${randomUUID()}/hls/master.m3u8`, {
    method: 'POST',
  });
  await response.body?.cancel();
  assert.equal(response.status, 405);
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
});
