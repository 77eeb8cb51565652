import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import {
  type Content,
  type Description,
  examplesIn,
  type Operation,
} from '../../src/http/openapi/description.ts';
import { ApiClient } from '../support/api-client.ts';
import { fetchDescription, operationsIn } from '../support/api-description.ts';
import { startTestService, type TestService } from '../support/service.ts';

let service: TestService;
let description: Description;

before(async () => {
  service = await startTestService();
  description = await fetchDescription(service.service.url);
});

after(() => service.stop());

test('a published validator finds that it is OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate({ ...description });
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
});

test('every operation has an id of its own, a tag that is described, and a summary of one line', () => {
  const tags = description.tags.map(({ name }) => name);
  const all = [...operationsIn(description), ...operationsIn({ paths: description.webhooks })];
  for (const { method, path, operation } of all) {
    const name = `${method} ${path}`;
    assert.match(operation.operationId ?? '', /^[a-z][A-Za-z]+$/, name);
    assert.match(operation.summary ?? '', /^[A-Z].{3,99}$/, name);
    assert.equal(operation.tags?.length, 1, name);
    assert.ok(tags.includes(operation.tags[0] as string), `${name}: ${operation.tags}`);
  }
  const ids = all.map(({ operation }) => operation.operationId);
  assert.deepEqual(ids, [...new Set(ids)]);
});

test('every operation has an example of its body, and of its answer', () => {
  for (const { method, path, operation } of operationsIn(description)) {
    for (const [where, content] of contentsOf(operation)) {
      assert.notDeepEqual(examplesIn(content), [], `${method} ${path}, ${where}`);
    }
  }
});

test('every parameter is described, and those that must be there have an example', () => {
  for (const { method, path, operation } of operationsIn(description)) {
    for (const { name, description: text, required, example } of operation.parameters ?? []) {
      assert.ok(text && (!required || example !== undefined), `${method} ${path}: ${name}`);
    }
  }
});

test('each way to authenticate that it names works, and the public operations need none', async () => {
  const { publicKey, secretKey, token } = service.client.credentials;
  const basic = Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
  const ways: Record<string, Record<string, string>> = {
    bearer: { authorization: `Bearer ${token}` },
    basic: { authorization: `Basic ${basic}` },
    'publicKey secretKey': { 'stream-public-key': publicKey, 'stream-secret-key': secretKey },
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
  for (const { method, path, operation } of operationsIn(description)) {
    const answer = await fetch(service.service.url + path.replace('{id}', 'none'), {
      method: method.toUpperCase(),
    });
    await answer.body?.cancel();
    const { security = description.security } = operation;
    const isPublic = security.length === 0 || security.some((way) => Object.keys(way).length === 0);
    assert.equal(answer.status !== 401, isPublic, `${method} ${path}`);
  }
});

/** Of its body, and of what it answers when all is well. */
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
