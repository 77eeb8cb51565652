import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { ERROR_STATUS } from '../../../src/http/error-status.ts';
import {
  type Answer,
  type Content,
  type Description,
  examplesIn,
  type Operation,
} from '../../../src/http/openapi/description.ts';
import {
  type DescribedOperation,
  fetchDescription,
  operationsIn,
} from '../../support/docs/api-description.ts';
import { ApiClient, basicHeaders } from '../../support/service/api-client.ts';
import { CONSOLE_HEADERS, ConsoleBrowser } from '../../support/service/console-browser.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** `access-matrix.test.ts` asserts that it describes every route and no other. */

let service: TestService;
let description: Description;
let operations: DescribedOperation[];
/** Operations that answer with JSON, whatever happens. */
let ofApi: DescribedOperation[];

before(async () => {
  service = await startTestService();
  description = await fetchDescription(service.service.url);
  operations = operationsIn(description);
  ofApi = operations.filter(({ path }) => path.startsWith('/api/'));
  assert.ok(ofApi.length > 0 && ofApi.length < operations.length);
});

after(() => service.stop());

test('anybody may read it', async () => {
  const nobody = new ApiClient(service.service.url, service.client.credentials, {});
  const answer = await nobody.call('GET', '/openapi.json');
  assert.deepEqual(answer, { status: 200, contentType: 'application/json', body: description });
});

test('a published validator finds that it is OpenAPI 3.1', async () => {
  assert.match(description.openapi, /^3\.1\./);
  const validator = new Validator();
  const { valid, errors } = await validator.validate({ ...description });
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
});

test('every operation has an id of its own, a tag that is described, and a summary of one line', () => {
  const tags = description.tags.map(({ name }) => name);
  const all = [...operations, ...operationsIn({ paths: description.webhooks })];
  for (const { name, operation } of all) {
    assert.match(operation.operationId ?? '', /^[a-z][A-Za-z]+$/, name);
    assert.match(operation.summary ?? '', /^[A-Z].{3,99}$/, name);
    assert.equal(operation.tags?.length, 1, name);
    assert.ok(tags.includes(operation.tags[0] as string), `${name}: ${operation.tags}`);
  }
  const ids = all.map(({ operation }) => operation.operationId);
  assert.deepEqual(ids, [...new Set(ids)]);
});

test('every operation of the API names its ids, a success, and the schema of each answer', () => {
  for (const { name, path, operation } of ofApi) {
    const ids = operation.parameters?.filter((parameter) => parameter.in === 'path') ?? [];
    assert.equal(ids.length > 0, path.includes('{id}'), name);
    const statuses = Object.keys(operation.responses);
    assert.ok(
      statuses.some((status) => /^2\d\d$/.test(status)),
      name,
    );
    for (const { content } of Object.values(operation.responses)) {
      const described = content?.['application/json'] ?? content?.['text/event-stream; charset=utf-8'];
      assert.ok(described?.schema, name);
    }
  }
});

test('every operation has an example of its body, and of its answer', () => {
  for (const { name, operation } of operations) {
    for (const [where, content] of contentsOf(operation)) {
      assert.notDeepEqual(examplesIn(content), [], `${name}, ${where}`);
    }
  }
});

test('every parameter is described, and those that must be there have an example', () => {
  for (const { name, operation } of operations) {
    for (const parameter of operation.parameters ?? []) {
      const { description: text, required, example } = parameter;
      assert.ok(text && (!required || example !== undefined), `${name}: ${parameter.name}`);
    }
  }
});

test('every operation names each status that it answers, and the codes of the errors', () => {
  for (const { name, method, path, operation } of operations) {
    const { responses, security } = operation;
    for (const [status, response] of Object.entries(responses)) {
      assert.match(status, /^\d{3}$/, name);
      assert.ok(response.headers?.['x-request-id'], `${name} ${status}`);
      if (status < '400') continue;
      const codes = codesOf(response);
      assert.ok(codes.length > 0, `${name} ${status}`);
      for (const code of codes) {
        assert.equal(ERROR_STATUS[code], Number(status), `${name}: ${code}`);
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
});

test('headers that matter are described: when to retry, how to authenticate, which bytes', () => {
  const headersOf = (path: string, status: number) =>
    Object.keys(description.paths[path]?.get?.responses[status]?.headers ?? {});
  assert.ok(headersOf('/api/user/me', 429).includes('retry-after'));
  assert.ok(headersOf('/api/user/me', 200).includes('ratelimit'));
  assert.ok(headersOf('/api/user/me', 401).includes('www-authenticate'));
  assert.ok(headersOf('/assets/{id}/{file}', 206).includes('content-range'));
  assert.ok(headersOf('/assets/{id}/{file}', 416).includes('content-range'));
  assert.ok(!headersOf('/healthz', 200).includes('ratelimit'));
  const { headers } = description.components as unknown as { headers: Record<string, unknown> };
  assert.ok(headers['retry-after']);
});

test('answers other than JSON are described with their types', () => {
  const typesOf = (path: string) => Object.keys(description.paths[path]?.get?.responses[200]?.content ?? {});
  assert.deepEqual(typesOf('/player/{id}/hls'), ['text/html; charset=utf-8']);
  assert.match(String(typesOf('/metrics')), /^text\/plain;/);
  assert.ok(typesOf('/assets/{id}/{file}').includes('video/mp2t'));
});

test('every described operation is served: no route answers that it does not exist', async () => {
  for (const { name, method, path } of ofApi) {
    // A stream would not end.
    if (path.endsWith('/live')) continue;
    const below = path.replace('/api', '').replace('{id}', 'no-id');
    const answer = await service.client.call(method.toUpperCase(), below);
    assert.doesNotMatch(String(answer.body.message), /^there is no/, name);
  }
});

test('each form of authentication that it names works, and public operations need none', async () => {
  const { publicKey, secretKey, token } = service.client.credentials;
  const browser = new ConsoleBrowser(service.service.url);
  await browser.signIn({ public_key: publicKey, secret_key: secretKey });
  const ways: Record<string, Record<string, string>> = {
    bearer: { authorization: `Bearer ${token}` },
    basic: basicHeaders(publicKey, secretKey),
    'publicKey secretKey': { 'stream-public-key': publicKey, 'stream-secret-key': secretKey },
    consoleCookie: { ...CONSOLE_HEADERS, cookie: browser.cookie },
  };
  const named = description.security.map((requirement) => Object.keys(requirement).join(' '));
  assert.deepEqual(named, Object.keys(ways));
  // The token of /metrics is for nothing else.
  const schemes = [...named.join(' ').split(' '), 'metricsToken'];
  assert.deepEqual(Object.keys(description.components.securitySchemes), schemes);
  for (const headers of Object.values(ways)) {
    const client = new ApiClient(service.service.url, service.client.credentials, headers);
    await client.expect(200, 'GET', '/user/me');
  }
  for (const { name, method, path, operation } of operations) {
    const answer = await fetch(service.service.url + path.replace('{id}', 'none'), {
      method: method.toUpperCase(),
      headers: CONSOLE_HEADERS,
    });
    await answer.body?.cancel();
    const { security = description.security } = operation;
    const isPublic = security.length === 0 || security.some((way) => Object.keys(way).length === 0);
    assert.equal(answer.status !== 401, isPublic, name);
  }
});

function codesOf(response: Answer): ErrorCode[] {
  const { allOf = [] } = response.content?.['application/json']?.schema ?? {};
  return allOf.flatMap(({ properties }) => (properties?.code?.enum ?? []) as ErrorCode[]);
}

/** Returns the schemas of an operation's body and of its successful answer. */
function contentsOf(operation: Operation): [string, Content][] {
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  const answers = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, { content = {} }]): [string, Content][] =>
      // Files and pages have no example.
      Object.entries(content)
        .filter(([type]) => type === 'application/json')
        .map(([, one]) => [status, one]),
    );
  return [...bodies, ...answers];
}
