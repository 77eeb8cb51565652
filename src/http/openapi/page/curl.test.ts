import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../description.ts';
import { curlOf } from './curl.ts';

const operation: Operation = { operationId: 'one', tags: ['Things'], summary: 'One', responses: {} };
const schema = { type: 'string' };

test('a call has the required parameters, with their examples', () => {
  const parameters = [
    { name: 'id', in: 'path', required: true, schema, example: 'a1' },
    { name: 'qualities', in: 'query', required: true, schema, example: '720p,1080p' },
    { name: 'limit', in: 'query', schema, example: 5 },
  ] as const;
  assert.equal(
    curlOf('get', '/api/things/{id}', { ...operation, parameters }),
    'curl -sS "$URL/api/things/a1?qualities=720p%2C1080p" -u "$KEY"',
  );
});

test('a body is quoted for the shell; the public need no key', () => {
  const content = { 'application/json': { schema, example: { name: "Ada's" } } };
  assert.equal(
    curlOf('post', '/api/things', { ...operation, security: [], requestBody: { content } }),
    `curl -sS -X POST "$URL/api/things" \\
  -H 'Content-Type: application/json' \\
  -d '{
  "name": "Ada'\\''s"
}'`,
  );
});

test("a form has the caller's file", () => {
  const content = { 'multipart/form-data': { schema, example: { file: 'bytes', hash: 'of these' } } };
  assert.equal(
    curlOf('post', '/api/things', { ...operation, requestBody: { content } }),
    'curl -sS -X POST "$URL/api/things" -u "$KEY" -F file=@"$FILE"',
  );
});
