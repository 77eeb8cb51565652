import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../src/errors.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** All of the API, method by path. */
const ROUTES = {
  '/api/accounts': ['get', 'post'],
  '/api/accounts/{id}': ['get', 'patch'],
  '/api/api_keys': ['get', 'post'],
  '/api/api_keys/{id}': ['delete', 'patch'],
  '/api/audit': ['get'],
  '/api/auth/login': ['post'],
  '/api/auth/password': ['post'],
  '/api/deliveries/{id}': ['get'],
  '/api/deliveries/{id}/retry': ['post'],
  '/api/events': ['post'],
  '/api/media': ['post'],
  '/api/media/cost': ['get'],
  '/api/media/create': ['post'],
  '/api/media/{id}': ['delete', 'get', 'patch'],
  '/api/media/{id}/complete': ['get'],
  '/api/media/{id}/part': ['post'],
  '/api/media/{id}/player.json': ['get'],
  '/api/media/{id}/thumbnail': ['delete', 'post'],
  '/api/user/me': ['get'],
  '/api/webhooks': ['get', 'post'],
  '/api/webhooks/check/{id}': ['post'],
  '/api/webhooks/{id}': ['delete', 'get', 'patch', 'put'],
  '/api/webhooks/{id}/deliveries': ['get'],
  '/api/webhooks/{id}/pause': ['post'],
  '/api/webhooks/{id}/public_key': ['get'],
  '/api/webhooks/{id}/recover': ['post'],
  '/api/webhooks/{id}/recoveries': ['get'],
  '/api/webhooks/{id}/resume': ['post'],
  '/api/webhooks/{id}/secret': ['get'],
  '/api/webhooks/{id}/secret/rotate': ['post'],
};

interface Operation {
  readonly summary?: string;
  readonly parameters?: { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly security?: readonly object[];
  readonly responses: Record<string, Answer>;
}

interface Answer {
  readonly description: string;
  readonly headers?: Record<string, unknown>;
  readonly content?: Record<string, { schema?: unknown }>;
}

interface ErrorSchema {
  readonly allOf?: readonly { readonly properties?: { code?: { enum: ErrorCode[] } } }[];
}

let service: TestService;
let description: {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { headers: Record<string, unknown> };
};

before(async () => {
  service = await startTestService();
  const nobody = new ApiClient(service.service.url, service.client.credentials, {});
  const answer = await nobody.call('GET', '/openapi.json');
  assert.deepEqual([answer.status, answer.contentType], [200, 'application/json']);
  description = answer.body;
});

after(() => service.stop());

test('the API is described in OpenAPI 3.1, every route of it', () => {
  assert.match(description.openapi, /^3\.1\./);
  const found = Object.entries(description.paths)
    .filter(([path]) => path.startsWith('/api/'))
    .map(([path, methods]) => [path, Object.keys(methods).toSorted()]);
  assert.deepEqual(Object.fromEntries(found), ROUTES);
});

test('every operation says what it is for, what it takes, and what it answers when it fails', () => {
  for (const [path, methods] of Object.entries(description.paths)) {
    if (!path.startsWith('/api/')) continue;
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method} ${path}`;
      assert.ok(operation.summary, name);
      const ids = operation.parameters?.filter((parameter) => parameter.in === 'path') ?? [];
      assert.equal(ids.length > 0, path.includes('{id}'), name);
      const statuses = Object.keys(operation.responses);
      assert.ok(
        statuses.some((status) => /^2\d\d$/.test(status)),
        name,
      );
      for (const { content } of Object.values(operation.responses)) {
        assert.ok(content?.['application/json']?.schema, name);
      }
    }
  }
});

test('every operation names each status that it answers, and the codes of those that are errors', () => {
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, { responses, security }] of Object.entries(methods)) {
      const name = `${method} ${path}`;
      for (const [status, response] of Object.entries(responses)) {
        assert.match(status, /^\d{3}$/, name);
        assert.ok(response.headers?.['x-request-id'], `${name} ${status}`);
        if (status < '400') continue;
        const codes = codesOf(response);
        assert.ok(codes.length > 0, `${name} ${status}`);
        for (const code of codes) {
          assert.equal(ERRORS[code].status, Number(status), `${name}: ${code}`);
          assert.ok(response.description.includes(`\`${code}\`: `), `${name} says when it is ${code}`);
        }
      }
      const expected = ['400', '500'];
      const isProbe = ['/healthz', '/readyz', '/metrics'].includes(path);
      if (!isProbe) expected.push('429', '503');
      if (security === undefined) expected.push('401');
      if (path.includes('{id}')) expected.push('404');
      if (method !== 'get') expected.push('413', '415');
      for (const status of expected) assert.ok(responses[status], `${name} answers ${status}`);
    }
  }
});

test('headers that matter are described: when to come again, how to authenticate, which bytes', () => {
  const { components, paths } = description;
  const headersOf = (path: string, status: number) =>
    Object.keys(paths[path]?.get?.responses[status]?.headers ?? {});
  assert.ok(headersOf('/api/user/me', 429).includes('retry-after'));
  assert.ok(headersOf('/api/user/me', 200).includes('ratelimit'));
  assert.ok(headersOf('/api/user/me', 401).includes('www-authenticate'));
  assert.ok(headersOf('/assets/{id}/{*}', 206).includes('content-range'));
  assert.ok(headersOf('/assets/{id}/{*}', 416).includes('content-range'));
  assert.ok(!headersOf('/healthz', 200).includes('ratelimit'));
  assert.ok(components.headers['retry-after']);
});

test('what is no JSON is described with its types', () => {
  const typesOf = (path: string) => Object.keys(description.paths[path]?.get?.responses[200]?.content ?? {});
  assert.deepEqual(typesOf('/player/{id}/hls'), ['text/html; charset=utf-8']);
  assert.match(String(typesOf('/metrics')), /^text\/plain;/);
  assert.ok(typesOf('/assets/{id}/{*}').includes('video/mp2t'));
});

function codesOf(response: Answer): ErrorCode[] {
  const { allOf = [] } = (response.content?.['application/json']?.schema ?? {}) as ErrorSchema;
  return allOf.flatMap((part) => part.properties?.code?.enum ?? []);
}

test('what it describes is served: no route answers that it does not exist', async () => {
  for (const [path, methods] of Object.entries(ROUTES)) {
    for (const method of methods) {
      const answer = await service.client.call(
        method.toUpperCase(),
        path.replace('/api', '').replace('{id}', 'no-id'),
      );
      assert.doesNotMatch(String(answer.body.message), /^there is no/, `${method} ${path}`);
    }
  }
});
